import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventReader, type PkgEvent, RunObserver } from '../../src/pkg/events.ts';
import { everyStep, transcript } from './transcript.ts';

function read(text: string): PkgEvent[] {
  const reader = new EventReader();
  return [...reader.push(text), ...reader.end()];
}

function observe(text: string): RunObserver {
  const observer = new RunObserver({ fetch() {}, extract() {} });
  for (const event of read(text)) observer.observe(event);
  return observer;
}

describe('the stream', () => {
  test('of every recorded run is read without a loss', () => {
    for (const { events, argv } of everyStep()) {
      const written = events.split('\n').filter((line) => line.includes('"type"')).length;
      expect(read(events), argv.join(' ')).toHaveLength(written);
    }
  });

  test.each([
    ['a trailing comma', '{"type":"ERROR_REQUIRED","data":{"pkgname":"a",}}\n', { pkgname: 'a' }],
    ['a raw line break', '{"type":"NOTICE","data":{"msg":"one\ntwo"}}\n', { msg: 'one\ntwo' }],
    ['a raw empty line', '{"type":"NOTICE","data":{"msg":"one\n\ntwo"}}\n', { msg: 'one\n\ntwo' }],
    ['a raw tab', '{"type":"NOTICE","data":{"msg":"one\ttwo"}}\n', { msg: 'one\ttwo' }],
    ['a comma before a brace in a string', '{"type":"NOTICE","data":{"msg":"a,}"}}\n', { msg: 'a,}' }],
    ['no line break at the end', '{"type":"NOTICE","data":{"msg":"a"}}', { msg: 'a' }],
    ['no data', '{"type":"INFO_PROGRESS_START"}\n', {}],
  ])('%s', (_, text, data) => {
    expect(read(`\n\n${text}`).map((event) => event.data)).toEqual([data]);
  });

  test.each(['{}', '{"toString":1}', '1', 'null', '["ERROR"]'])('an event of the type %s is none', (type) => {
    expect(read(`{"type":${type},"data":{}}\n`)).toEqual([]);
  });

  test('an error that cannot be read is an error still, other noise is none', () => {
    const broken = '{"type": "ERROR","data":{"msg":"half\n{ "type": "NOTICE", "data": {"msg":"x"}}\n';
    expect(read(broken).map((event) => event.type)).toEqual(['ERROR', 'NOTICE']);
    expect(read('{"type":"ERROR_X","data":{').map((event) => event.type)).toEqual(['ERROR_X']);
    expect(read('noise\n[1]\n"x"\n{"type":"NOTICE","data":{')).toEqual([]);
  });

  test('may come in any pieces', () => {
    const event = fc.record({
      type: fc.stringMatching(/^[A-Z_]{1,12}$/),
      data: fc.dictionary(fc.string(), fc.string()),
    });
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(event), cuts, (events, sizes) => {
        const text = events.map((entry) => `${JSON.stringify(entry)}\n\n`).join('');
        const reader = new EventReader();
        const seen: PkgEvent[] = [];
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          seen.push(...reader.push(text.slice(at, at + size)));
          at += size;
        }
        expect(JSON.stringify([...seen, ...reader.end()])).toBe(JSON.stringify(events));
      }),
    );
  });

  test('is read whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (chunks) => {
        const reader = new EventReader();
        for (const chunk of chunks) reader.push(`${chunk}\n{`);
        reader.end();
      }),
    );
  });
});

describe('a run', () => {
  test.each([
    ['success', 'install -y -- hello', true, []],
    ['post-install-fails', 'install -y -- postfail2', true, ['postfail: POST-INSTALL script failed']],
    ['pre-install-fails', 'install -y -- prefail', false, ['prefail: PRE-INSTALL script failed']],
    ['post-exit-3', 'install -y -- postexit3 tiny', false, []],
    ['pre-exit-3', 'install -y -- preexit3 tiny', false, []],
    ['deinstall-script-fails', 'delete -y predefail', true, ['predefail: DEINSTALL script failed']],
    ['locked', 'upgrade -y', false, ['tiny: ERROR_LOCKED tiny']],
    ['alias', 'install -y -- tiny', false, []],
  ])('%s: %s', (name, verb, finished, errors) => {
    const observer = observe(transcript(name, verb).events);
    expect(observer.finished).toBe(finished);
    expect(observer.errors.map((error) => `${error.package}: ${error.message}`)).toEqual(errors);
  });

  test('has not ended where something follows its end: pkg updates itself and starts again', () => {
    const { events } = transcript('success', 'install -y -- hello');
    const begin = '{"type":"INFO_INSTALL_BEGIN","data":{"pkgname":"zz"}}\n';
    expect(observe(`${events}${begin}`).finished).toBe(false);
    expect(observe(`${events}${begin}${events}`).finished).toBe(true);
  });

  test("a failed trigger is no package's error, and no end", () => {
    const observer = observe(
      '{"type":"INFO_INSTALL_BEGIN","data":{"pkgname":"a"}}\n{"type":"INFO_TRIGGERS_BEGIN","data":{}}\n' +
        '{"type":"INFO_TRIGGER","data":{"name":"t"}}\n{"type":"ERROR","data":{"msg":"boom"}}\n',
    );
    expect(observer).toMatchObject({ finished: false, errors: [{ package: undefined, message: 'boom' }] });
  });

  test('tells what is fetched and extracted, and nothing else', () => {
    const told: string[] = [];
    const tell = (verb: string) => (current: number, total: number, what: string) => {
      told.push(`${verb} ${what} ${current}/${total}`);
    };
    const observer = new RunObserver({ fetch: tell('fetch'), extract: tell('extract') });
    for (const event of read(transcript('success', 'install -y -- hello').events)) observer.observe(event);
    observer.observe({ type: 'INFO_EXTRACT_BEGIN', data: { pkgname: 'odd' } });
    observer.observe({ type: 'INFO_PROGRESS_TICK', data: { current: 'x' } });
    expect(told).toContain('fetch libfoo-1.0.pkg 486/486');
    expect(told.some((line) => line.startsWith('extract hello '))).toBe(true);
    expect(told.filter((line) => line.includes('/14') || line.includes('odd'))).toEqual([]);
  });

  test('whoever sends errors without end fills no memory', () => {
    const observer = observe(`{"type":"ERROR","data":{"msg":"${'x'.repeat(10_000)}"}}\n`.repeat(2000));
    expect(observer.errors.length).toBeLessThan(1000);
    expect(observer.errors[0]?.message.length).toBeLessThan(10_000);
  });
});
