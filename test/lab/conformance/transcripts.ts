import { readFileSync } from 'node:fs';

/** One run as it was recorded of the real pkg. */
export interface Step {
  argv: string[];
  status: number;
  stdout: string;
  stderr: string;
  events: string;
  before: string[];
  after: string[];
}

/** A recorded case. */
export interface Case {
  case: string;
  about: string;
  steps: Step[];
}

/** Reads the recorded cases. */
export function readTranscripts(): Case[] {
  const read: Case[] = JSON.parse(readFileSync('test/fixtures/pkg/transcripts.json', 'utf8'));
  return read;
}

/** Runs of ticks to their last one: how often pkg ticks is a matter of time. */
export function comparableEvents(events: string, url: string): string[] {
  const lines = events.replaceAll(url, 'URL').trimEnd().split('\n');
  return lines.filter((line, index) => !(isTick(line) && isTick(lines[index + 1] ?? '')));
}

/** Text without what differs from run to run. */
export function comparableText(text: string, root: string): string {
  return text
    .replaceAll(root, 'ROOT')
    .replace(/\|\d{10}\|/g, '|TIME|')
    .replace(/"timestamp":\d+/g, '"timestamp":TIME');
}

function isTick(line: string): boolean {
  return line.includes('"INFO_PROGRESS_TICK"');
}
