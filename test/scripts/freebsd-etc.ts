import { join } from 'node:path';
import type { Lab } from '../lab/open-lab.ts';

const here = import.meta.dirname;

/** The shells under which each script has to run as it does under FreeBSD's sh(1), which both are relatives of. */
export const shells = [
  { name: 'dash', words: ['dash'] },
  { name: 'busybox', words: ['busybox', 'sh'] },
];

/** Where a script of the project lies. */
export function script(name: string): string {
  return join(here, '../../scripts', name);
}

/**
 * Gives a lab an /etc of its own, that of the host with what FreeBSD has there for periodic(8) and rc(8). Its namespace
 * alone sees it.
 */
export async function giveFreebsdEtc(lab: Lab): Promise<void> {
  await lab.must(
    `set -e
    mkdir "$LAB/etc"
    /bin/mount -t tmpfs tmpfs "$LAB/etc"
    cp -a /etc/. "$LAB/etc/"
    cp -R "$1/." "$LAB/etc/"
    /bin/mount --bind "$LAB/etc" /etc`,
    join(here, 'freebsd'),
  );
}

/** Puts a jtx before the lab's own that notes how it is called, and ends as the file `<verb>` beside it says. */
export const standInJtx = `
mkdir -p "$LAB/stand-in" && cat > "$LAB/stand-in/jtx" <<'EOT'
#!/bin/sh
echo "$*" >> "$LAB/stand-in/calls"
echo "jtx $1 says this"
echo "and that"
[ ! -e "$LAB/stand-in/$1" ] || exit "$(cat "$LAB/stand-in/$1")"
EOT
chmod 755 "$LAB/stand-in/jtx"
find "$LAB/stand-in" -type f ! -name jtx -delete
`;

/** Kills jtx in the middle of a transaction of the jail web. */
export const cutOff = `
jtx run web -- /bin/sleep 60 > /dev/null 2>&1 &
until ps -eo args | grep -qx '/bin/sleep 60'; do sleep 0.1; done
kill -KILL $!
wait
`;
