import { describe, expect, it } from 'vitest';
import { endStates, stepNames, verbs } from '../../src/journal/rows.ts';
import { planRecovery, type Recovery, type Remains } from '../../src/transaction/recovery-plan.ts';

const states = ['open', ...endStates];
// No transaction enters 'settle': its outcome is durable by then.
const steps = [undefined, ...stepNames.filter((step) => step !== 'settle')];
const found = ['all', 'some', 'none'] as const;

/** Every state in which a crash can leave a transaction; an exchange is under way in `revert` alone. */
const remains: Remains[] = verbs.flatMap((verb) =>
  states.flatMap((state) =>
    steps.flatMap((step) =>
      found.flatMap((snapshots) =>
        [false, true].flatMap((live) =>
          (step === 'revert' ? [false, true] : [false]).map((exchanging) => ({
            verb,
            state,
            step,
            snapshots,
            exchanging,
            live,
          })),
        ),
      ),
    ),
  ),
);

/**
 * Of a change that is open or stuck, by the last step that was entered: with all its snapshots, with all of them in a jail
 * that went on running, with some, with none.
 *
 * Without a snapshot nothing was changed up to the step that takes it (invariant 1), and whoever has gone further
 * cannot be put back. A jail that went on running is not stopped for what pkg has not begun to change, however often
 * recovery was stuck before.
 */
const change = `
  -         revert  revert  close   close
  rehearse  revert  revert  close   close
  stop      revert  revert  close   close
  snapshot  revert  tidy    close   close
  prepare   revert  tidy    stuck   stuck
  fetch     revert  tidy    stuck   stuck
  plan      revert  tidy    stuck   stuck
  apply     revert  revert  stuck   stuck
  compare   revert  revert  stuck   stuck
  verify    revert  revert  stuck   stuck
  clean     revert  revert  stuck   stuck
  revert    revert  revert  stuck   stuck
`;

/** Of a rollback, open or stuck: before it entered 'revert' nothing was changed, after it only finishing it is right. */
const rollback = `
  -         close   close   close   close
  rehearse  close   close   close   close
  stop      close   close   close   close
  snapshot  close   close   close   close
  prepare   close   close   close   close
  fetch     close   close   close   close
  plan      close   close   close   close
  apply     close   close   close   close
  compare   close   close   close   close
  verify    close   close   close   close
  clean     close   close   close   close
  revert    finish  finish  stuck   stuck
`;

function answerOf(table: string, { step, snapshots, live }: Remains): string | undefined {
  const row = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([name]) => name === (step ?? '-'));
  const [, all, allLive, some, none] = row ?? [];
  if (snapshots === 'all') return live ? allLive : all;
  return snapshots === 'some' ? some : none;
}

function expected(one: Remains): string | undefined {
  const { verb, state, exchanging } = one;
  if (state !== 'open' && state !== 'stuck') return 'settle';
  if (verb === 'drop') return 'finish-drop';
  if (exchanging) return verb === 'rollback' ? 'finish-rollback' : 'revert';
  if (verb === 'rollback') return answerOf(rollback, one)?.replace('finish', 'finish-rollback');
  return answerOf(change, one);
}

describe.each(verbs)('what a crash left of %s', (verb) => {
  describe.each(states)('in the state %s', (state) => {
    it.each(steps)('after %s', (step) => {
      const cases = remains.filter((one) => one.verb === verb && one.state === state && one.step === step);
      expect(cases).toHaveLength(step === 'revert' ? 12 : 6);
      for (const one of cases) expect([one, planRecovery(one)]).toEqual([one, expected(one)]);
    });
  });
});

describe('whatever a crash left', () => {
  const answers = (which: (one: Remains) => boolean): Set<Recovery> =>
    new Set(remains.filter(which).map(planRecovery));
  const unfinished = ({ state }: Remains): boolean => state === 'open' || state === 'stuck';
  const isChange = ({ verb }: Remains): boolean => verb !== 'rollback' && verb !== 'drop';

  it('what is durable as ended is only settled', () => {
    expect(answers((one) => !unfinished(one))).toEqual(new Set(['settle']));
    expect(remains.filter(unfinished).map(planRecovery)).not.toContain('settle');
  });

  it('nothing is closed or only tidied that may have been changed', () => {
    const changing = ['apply', 'compare', 'verify', 'clean', 'revert'];
    const begun = answers((one) => unfinished(one) && isChange(one) && changing.includes(one.step ?? ''));
    expect(begun).toEqual(new Set(['revert', 'stuck']));
    const written = answers(
      (one) => unfinished(one) && isChange(one) && ['prepare', 'fetch', 'plan'].includes(one.step ?? ''),
    );
    expect(written).toEqual(new Set(['revert', 'tidy', 'stuck']));
    expect(answers((one) => unfinished(one) && one.verb === 'rollback' && one.step === 'revert')).toEqual(
      new Set(['finish-rollback', 'stuck']),
    );
  });

  it('a rollback is never reverted, a change never finished, and what is being destroyed never brought back', () => {
    for (const answer of answers(({ verb }) => verb === 'rollback'))
      expect(['close', 'finish-rollback', 'stuck', 'settle']).toContain(answer);
    for (const answer of answers(isChange))
      expect(['close', 'tidy', 'revert', 'stuck', 'settle']).toContain(answer);
    expect(answers(({ verb }) => verb === 'drop')).toEqual(new Set(['finish-drop', 'settle']));
  });

  it('a stopped jail is never only tidied', () => {
    expect(answers(({ live }) => !live)).not.toContain('tidy');
  });
});
