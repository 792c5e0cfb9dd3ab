import { expect, test } from 'vitest';
import { requireReverted } from '../../src/transaction/reverted.ts';
import { member, webSubject } from './subjects.ts';

const web = 'zroot/jails/web';
const kept = { reverted: false };

test.each([
  ['alone', [member(web, kept)]],
  ['with all that is below it', [member(web, kept), member(`${web}/data`, kept)]],
  ['but for a child', [member(web, kept), member(`${web}/data`)]],
])('a jail that is to stay as it is, %s, is refused', (_what, datasets) => {
  expect(() => requireReverted(webSubject({}, { datasets }))).toThrow(
    expect.objectContaining({
      code: 'dataset-kept',
      outcome: 'refused',
      hint: expect.stringContaining(`zfs set jtx:rollback=on ${web} `),
    }),
  );
});

test('a child may stay', () => {
  const datasets = [member(web), member(`${web}/data`, kept)];
  expect(() => requireReverted(webSubject({}, { datasets }))).not.toThrow();
});
