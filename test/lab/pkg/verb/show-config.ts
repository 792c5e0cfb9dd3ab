import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { isObject, type Ucl } from '../ucl.ts';
import { PKG_VERSION } from '../worker.ts';

/** `pkg -vv`: the configuration in force and the repositories. */
export function showConfig(session: Session): number {
  const { reporter, config, repositories } = session;
  let text = `Version                 : ${PKG_VERSION}\n`;
  for (const [key, value] of config.entries()) text += `${key} ${printable(value)};\n`;
  text += '\n\nRepositories:\n';
  for (const repository of repositories) {
    text +=
      `  ${repository.name}: { \n` +
      `    url             : "${repository.url}",\n` +
      `    enabled         : ${repository.enabled ? 'yes' : 'no'},\n` +
      `    priority        : ${repository.priority}\n  }\n`;
  }
  reporter.print(text);
  return STATUS.ok;
}

function printable(value: Ucl): string {
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : `[\n    ${value.map(String).join(',\n    ')},\n]`;
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, member]) => `    ${key}: "${String(member)}",\n`);
    return `{\n${members.join('')}}`;
  }
  if (typeof value === 'boolean') return `= ${value ? 'yes' : 'no'}`;
  return typeof value === 'number' ? `= ${value}` : `= "${value}"`;
}
