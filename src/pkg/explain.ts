import { complaint, type Finished } from '../host/run.ts';

/** What a failure of pkg means. */
export interface Explanation {
  code: string;
  message: string;
  hint: string;
}

const meanings: readonly (readonly [RegExp, string, string])[] = [
  [
    /No packages available to (install|upgrade) matching '([^']*)'/,
    'package-unknown',
    'pkg -c ROOT search finds names.',
  ],
  [/No match|Package\(s\) not found/i, 'package-not-installed', 'pkg -c ROOT info lists what is installed.'],
  [/no 'nobody' user/, 'root-incomplete', "The jail's etc/passwd needs the user nobody."],
  [/Not enough space|No space left|disk is full/, 'no-space', 'Make room in the pool.'],
  [/advisory lock|locked by another process/, 'package-database-locked', 'Another pkg works on this jail.'],
  [/locked or vital|is (locked|vital)/, 'package-locked', 'A locked or vital package stays.'],
  [/wrong architecture|Newer FreeBSD version/, 'abi-mismatch', "The repository is not for this jail's ABI."],
  [
    /Invalid signature|No signature found/,
    'signature-invalid',
    "Look at the repository's signature_type and keys.",
  ],
  [
    /No repositor|no active remote repositories/i,
    'repository-missing',
    'Look at usr/local/etc/pkg/repos of the jail.',
  ],
  [
    /resolve|Connection refused|Network is unreachable|timed out|Unable to update repository|Error updating|cannot be opened|Not Found/i,
    'repository-unreachable',
    'Look at the repository and the network of the host.',
  ],
  [
    /size does not match|failed checksum|not valid/,
    'package-damaged',
    'The repository is being changed, or is damaged.',
  ],
];

/** Says in jtx's words why pkg failed. */
export function explain(finished: Finished): Explanation {
  const said = `${finished.stderr}\n${finished.stdout}`;
  if (finished.hung) {
    return {
      code: 'pkg-hung',
      message: 'pkg was silent for too long and was ended',
      hint: 'Look at the network and at pkg_silence.',
    };
  }
  for (const [pattern, code, hint] of meanings) {
    const line = said.split('\n').find((candidate) => pattern.test(candidate));
    if (line !== undefined) return { code, message: line.replace(/^pkg: /, '').trim(), hint };
  }
  return {
    code: 'pkg-failed',
    message: `pkg: ${complaint(finished)}`,
    hint: 'jtx show has its whole output.',
  };
}
