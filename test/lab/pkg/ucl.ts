/** A value of a configuration file. */
export type Ucl = string | boolean | number | Ucl[] | { [key: string]: Ucl };

/** Reads the part of UCL that pkg's configuration files use; throws on what it cannot read. */
export function parseUcl(text: string): { [key: string]: Ucl } {
  const reader = new Reader(text);
  reader.skip();
  if (reader.peek() === '{') {
    const value = reader.value();
    return isObject(value) ? value : {};
  }
  return reader.members(undefined);
}

/** Whether a value is an object and not a list. */
export function isObject(value: Ucl | undefined): value is { [key: string]: Ucl } {
  return typeof value === 'object' && !Array.isArray(value);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): string {
    return this.#text[this.#at] ?? '';
  }

  skip(extra = ''): void {
    for (;;) {
      const next = this.peek();
      if (next === '#') this.#to(/\n|$/g);
      else if (this.#text.startsWith('/*', this.#at)) this.#to(/\*\/|$/g);
      else if (next !== '' && (/\s/.test(next) || extra.includes(next))) this.#at += 1;
      else return;
    }
  }

  members(close: string | undefined): { [key: string]: Ucl } {
    const found: { [key: string]: Ucl } = {};
    for (;;) {
      this.skip(';,');
      if (this.peek() === '') {
        if (close === undefined) return found;
        throw new Error('unfinished object');
      }
      if (this.peek() === close) {
        this.#at += 1;
        return found;
      }
      const key = this.#key();
      this.skip(':=');
      found[key] = this.value();
    }
  }

  value(): Ucl {
    const next = this.peek();
    if (next === '{') {
      this.#at += 1;
      return this.members('}');
    }
    if (next === '[') {
      this.#at += 1;
      const list: Ucl[] = [];
      for (;;) {
        this.skip(',;');
        if (this.peek() === '') throw new Error('unfinished array');
        if (this.peek() === ']') {
          this.#at += 1;
          return list;
        }
        list.push(this.value());
      }
    }
    if (next === '"' || next === "'") return this.#quoted();
    const here = /<<([A-Z]+)\n/y;
    here.lastIndex = this.#at;
    const heredoc = here.exec(this.#text);
    if (heredoc !== null) {
      const start = here.lastIndex;
      const end = this.#text.indexOf(`\n${heredoc[1]}`, start - 1);
      if (end < 0) throw new Error('unfinished multi-line text');
      this.#at = end + 1 + (heredoc[1] ?? '').length;
      return this.#text.slice(start, Math.max(start, end));
    }
    return plain(this.#bare());
  }

  #key(): string {
    if (this.peek() === '"' || this.peek() === "'") return this.#quoted();
    const pattern = /[^\s:={["';,}\]]+/y;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) throw new Error(`unexpected '${this.peek()}'`);
    this.#at = pattern.lastIndex;
    return found[0];
  }

  #bare(): string {
    const pattern = /(?:[^\n;,}\]#])*/y;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at = pattern.lastIndex;
    return found.trim();
  }

  #quoted(): string {
    const quote = this.peek();
    let text = '';
    for (this.#at += 1; ; this.#at += 1) {
      const next = this.peek();
      if (next === '') throw new Error('unfinished string');
      if (next === quote) break;
      if (next === '\\' && quote === '"') {
        this.#at += 1;
        const escaped = this.peek();
        text += escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped;
      } else text += next;
    }
    this.#at += 1;
    return text;
  }

  #to(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    pattern.exec(this.#text);
    this.#at = Math.max(pattern.lastIndex, this.#at + 1);
  }
}

function plain(text: string): Ucl {
  if (/^(yes|true|on)$/i.test(text)) return true;
  if (/^(no|false|off)$/i.test(text)) return false;
  return /^-?\d+$/.test(text) ? Number(text) : text;
}
