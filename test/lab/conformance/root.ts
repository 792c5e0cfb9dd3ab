import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PASSWD =
  'root:*:0:0:Charlie &:/root:/bin/sh\nnobody:*:65534:65534:Unprivileged user:/nonexistent:/bin/sh\n';

/** A plain directory with a static shell, which is all the jail that pkg needs here. */
export class TestRoot {
  readonly directory: string;
  readonly #above: string;

  constructor() {
    this.#above = mkdtempSync(join(tmpdir(), 'pkg-conformance-'));
    this.directory = join(this.#above, 'root');
    for (const path of ['bin', 'dev', 'tmp', 'etc/pkg', 'usr/bin', 'usr/local/etc', 'var/db/pkg']) {
      mkdirSync(join(this.directory, path), { recursive: true });
    }
    copyFileSync('/bin/busybox', join(this.directory, 'bin/sh'));
    for (const name of ['sleep', 'kill', 'touch', 'cat', 'env', 'dd']) {
      copyFileSync('/bin/busybox', join(this.directory, 'bin', name));
    }
    this.write('etc/passwd', PASSWD);
    this.write('etc/group', 'wheel:*:0:root\nnobody:*:65534:\n');
  }

  /** Names the one repository, where every build of pkg looks. */
  useRepository(url: string, more = ''): void {
    this.write('etc/pkg/lab.conf', `lab: { url: "${url}", enabled: yes${more} }\n`);
  }

  path(inside: string): string {
    return join(this.directory, inside);
  }

  write(inside: string, content: string): void {
    mkdirSync(dirname(this.path(inside)), { recursive: true });
    writeFileSync(this.path(inside), content);
  }

  remove(inside: string): void {
    rmSync(this.path(inside), { recursive: true });
  }

  destroy(): void {
    rmSync(this.#above, { recursive: true, force: true });
  }
}
