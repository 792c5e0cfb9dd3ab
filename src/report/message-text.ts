import type { PackageMessage } from '../pkg/messages.ts';
import { safeLine, safeText } from './safe-text.ts';

const mostLines = 100;

/** What packages tell, indented, so that no line of theirs can pass for one of jtx. */
export function messageLines(messages: readonly PackageMessage[]): string[] {
  return messages.flatMap(({ package: name, text }) => {
    const lines = safeText(text).split('\n');
    const more = lines.length - mostLines;
    return [
      `Message from ${safeLine(name)}:`,
      ...lines.slice(0, mostLines).map((line) => (line === '' ? '' : `  ${line}`)),
      ...(more > 0 ? [`  (${more} lines more)`] : []),
    ];
  });
}
