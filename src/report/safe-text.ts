// C0 but tab and newline, DEL, C1, and what reorders or hides text (bidirectional controls, zero width, tags).
const harmful =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

/**
 * Text that came from a package, a jail or a program, made harmless on a terminal: what could steer it is shown as
 * \x1b, \u202e. Newlines and tabs stay, and so does a line's carriage return before its newline, unseen.
 */
export function safeText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(harmful, shown);
}

/** The same for what has to stay on one line. */
export function safeLine(text: string): string {
  return safeText(text).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}

/** JSON whose texts have such characters as the escapes that mean them: it is the same to who reads it, and harmless. */
export function safeJson(json: string): string {
  return json.replace(harmful, (character) =>
    Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
