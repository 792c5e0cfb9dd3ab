import { beforeAll, describe, expect, it } from 'vitest';
import { openForTests } from '../for-tests.ts';
import { Lab } from '../open-lab.ts';

describe('jails that depend on others', () => {
  const lab = openForTests(new Lab());
  beforeAll(() =>
    lab.must(`cat > "$LAB/test.conf" <<CONF
persist;
path = "$LAB_JAILS/web";
front { depend = app, cache; }
app { depend = db; }
db { }
cache { }
lost { depend = nobody; }
CONF`),
  );
  const jail = (...words: string[]) => lab.sh('jail -f "$LAB/test.conf" "$@" 2>&1', ...words);
  const names = async () =>
    (await lab.must('jls -n name'))
      .trim()
      .split('\n')
      .map((line) => line.slice(5));

  it('start what they depend on, and go down before it, also through one that does not run', async () => {
    expect((await jail('-c', 'front')).stdout).toBe(
      'db: created\napp: created\ncache: created\nfront: created\n',
    );
    expect((await jail('-r', 'cache')).stdout).toBe('front: removed\ncache: removed\n');
    await jail('-c', 'front');
    await jail('-R', 'app');
    expect((await jail('-r', 'db')).stdout).toBe('front: removed\ndb: removed\n');
    expect(await names()).toEqual(['cache']);
    expect(await jail('-c', 'lost')).toMatchObject({
      status: 1,
      stdout: 'jail: lost: depends on undefined jail "nobody"\n',
    });
  });
});
