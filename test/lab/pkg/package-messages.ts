import { type LocalPackage, type Manifest, type Message, nameVersion } from './manifest.ts';
import { compareVersions } from './version.ts';

/** What a package has to say after it was put in, in pkg's form; "" where nothing. */
export function printableMessages(pkg: Manifest, old: LocalPackage | undefined): string {
  const due = pkg.messages.filter((message) => isDue(message, old));
  if (due.length === 0) return '';
  const parts = due.map((message) => `--\n${message.message}\n`);
  return `=====\nMessage from ${nameVersion(pkg)}:\n\n${parts.join('')}`;
}

function isDue(message: Message, old: LocalPackage | undefined): boolean {
  if (message.type === undefined || message.type === 'always') return true;
  if (message.type === 'install') return old === undefined;
  if (message.type !== 'upgrade' || old === undefined) return false;
  const { minimumVersion, maximumVersion } = message;
  if (minimumVersion !== undefined && compareVersions(old.version, minimumVersion) <= 0) return false;
  return maximumVersion === undefined || compareVersions(old.version, maximumVersion) < 0;
}
