/** What a package has to tell the person who installs it: its pkg-message. */
export interface PackageMessage {
  /** Its name and version, as pkg writes them. */
  package: string;
  text: string;
}

/** Characters at the end of an output among which messages are looked for. */
const looked = 256 * 1024;

/**
 * Reads the messages that pkg prints at the end of a run: those that are due, also of an upgrade, whose events have none
 * (docs/pkg-facts.md, 5). A script can print what looks like one: they are words for a person, and decide nothing.
 */
export function parseMessages(stdout: string): PackageMessage[] {
  const [, ...parts] = stdout.slice(-looked).split(/^=====\nMessage from (.+):\n\n/m);
  const messages: PackageMessage[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const [name = '', body = ''] = parts.slice(at, at + 2);
    const text = body.replace(/^--\n/, '').trimEnd();
    if (text !== '') messages.push({ package: name, text });
  }
  return messages;
}
