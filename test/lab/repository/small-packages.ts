import { createCipheriv } from 'node:crypto';
import type { ContentFile, PackageContent } from './content.ts';

const BIG_SIZE = 96 * 2 ** 20;

/** The lab's own small packages, one for every way in which an install can go wrong or be slow. */
export function smallPackages(version: string): PackageContent[] {
  const make = (name: string, more: Partial<PackageContent> = {}): PackageContent => ({
    name,
    version,
    origin: `test/${name}`,
    comment: `${name} test`,
    desc: `Test package ${name}`,
    files: [share(name, 'x', `${name} ${version}\n`)],
    ...more,
  });
  const postInstall = (name: string, script: string): PackageContent => {
    return make(name, { scripts: { 'post-install': script } });
  };
  const dependency = (name: string): [string, { origin: string; version: string }] => {
    return [name, { origin: `test/${name}`, version }];
  };
  return [
    make('trigfail', { files: [share('trigfail', 'x', version), triggerFile()] }),
    make('conf', {
      files: [{ path: '/usr/local/etc/conf.conf', content: Buffer.from(configuration(version)) }],
      config: ['/usr/local/etc/conf.conf'],
    }),
    postInstall('slow', 'sleep 600'),
    postInstall('pause', 'sleep 2'),
    postInstall('daemon', DAEMON),
    make('big', { files: [{ path: '/usr/local/share/big/blob', content: noise(version) }] }),
    postInstall('nosy', 'mkdir -p /var/log; env > /var/log/nosy.env'),
    make('many', { files: manyFiles(version) }),
    make('probe', { files: [program('probe', `echo "probe ${version}"\n`)] }),
    make('badprog', { files: [program('badprog', 'echo "badprog: broken" >&2\nexit 1\n')] }),
    postInstall('devnull', 'mkdir -p /var/db; echo lost > /dev/null && echo worked > /var/db/devnull.worked'),
    make('escape', {
      messages: [
        { message: 'before\u001b]0;title\u0007\u001b[2J\u001b[31mred\u001b[0m\rafter', type: 'install' },
      ],
      scripts: {
        'post-install': "printf 'out\\033[2J\\033]0;title\\007\\n'; printf 'err\\033[1;31m\\n' >&2",
      },
    }),
    make('chain', { deps: new Map(['tiny', 'prefail'].map(dependency)) }),
  ];
}

// In a session of its own and without pkg's pipes, as a service is that a script starts.
const DAEMON = `if command -v setsid >/dev/null; then setsid sleep 1000 <&- >&- 2>&- &
elif command -v daemon >/dev/null; then daemon -f sleep 1000
else sleep 1000 <&- >&- 2>&- &
fi`;

function share(name: string, file: string, text: string): ContentFile {
  return { path: `/usr/local/share/${name}/${file}`, content: Buffer.from(text) };
}

function program(name: string, text: string): ContentFile {
  return { path: `/usr/local/bin/${name}`, content: Buffer.from(`#!/bin/sh\n${text}`), mode: 0o755 };
}

function triggerFile(): ContentFile {
  const text = `description: "Fails whenever it runs"
path: "/usr/local/share/trigfail"
trigger: {
  type: lua
  script: <<EOS
error("no")
EOS
}
`;
  return { path: '/usr/local/share/pkg/triggers/trigfail.ucl', content: Buffer.from(text) };
}

function configuration(version: string): string {
  return `# conf ${version}\nlisten = 80\nworkers = ${version === '1.0' ? 1 : 2}\nlog = /var/log/conf.log\n`;
}

function manyFiles(version: string): ContentFile[] {
  return Array.from({ length: 300 }, (_, index) =>
    share('many', String(index).padStart(3, '0'), `many ${version} ${index}\n`),
  );
}

/** Bytes that do not compress and are the same in every build. */
function noise(seed: string): Buffer {
  const key = Buffer.alloc(32, seed);
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(BIG_SIZE));
}
