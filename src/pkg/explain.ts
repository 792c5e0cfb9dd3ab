import { complaint, type Finished } from '../host/run.ts';

/** What a failure of pkg means. */
export interface Explanation {
  code: string;
  message: string;
  hint: string;
}

const whereRepositories = 'Look at usr/local/etc/pkg/repos of the jail; with --rootdir, of the host.';

// Older versions of pkg hear of no name server that is lent (docs/pkg-facts.md, 1).
const lookAtRepository =
  'Look at the repository and at the network of the host. For a jail without a resolv.conf the host needs pkg 2.7, or a proxy.';

// In this order: where pkg has no catalogue it goes on to say that it knows no such package.
const meanings: readonly (readonly [RegExp, string, string])[] = [
  [
    /no 'nobody' user/,
    'nobody-missing',
    "The jail's etc/passwd needs the user nobody, as every base has it.",
  ],
  [/Not enough space|No space left|disk is full/i, 'no-space', 'Make room in the pool.'],
  [
    /advisory lock|locked by another process|database is locked/,
    'package-database-locked',
    'Another pkg works on this jail: let it end, then try again.',
  ],
  [
    /^\t\S+ \((locked|vital)\)|is (locked|vital) and may not|is locked cannot delete/,
    'package-locked',
    'pkg unlock NAME ends a lock, pkg set -v 0 NAME makes it vital no more.',
  ],
  [
    /Invalid signature|No signature found|No trusted public key/,
    'signature-invalid',
    "Look at the repository's signature_type and keys.",
  ],
  [
    /wrong architecture|Newer FreeBSD version/,
    'abi-mismatch',
    "The repository is for another ABI or a newer FreeBSD than the jail's.",
  ],
  [/No active remote repositories|No repositor(y|ies) /i, 'repository-missing', whereRepositories],
  [
    /failed checksum|size does not match|package is not valid/,
    'package-damaged',
    'The repository is being changed, or is damaged: try again later.',
  ],
  [
    /^pkg: (?:Failed to fetch )?\w+:\/\/\S+: |Connection refused|Network is unreachable|No route to host|timed out|Timeout|resolv(e|ing)|No address record|Not Found/i,
    'repository-unreachable',
    lookAtRepository,
  ],
  [
    /cannot be opened|Repo extraction failed|Unable to update repository|Error updating|wrong packagesite/,
    'catalogue-unusable',
    "The catalogue is missing or damaged. pkg's whole output: jtx show.",
  ],
  [
    /No packages available to (install|upgrade) matching/,
    'package-unknown',
    'pkg -c ROOT search finds names.',
  ],
  [
    /is not installed, therefore upgrade is impossible|No packages matched|Package\(s\) not found|0 packages requested for removal|[1-9]\d* missing$/,
    'package-not-installed',
    'pkg -c ROOT info lists what is installed.',
  ],
];

/** Says in jtx's words why pkg failed. */
export function explain(finished: Finished): Explanation {
  if (finished.hung) {
    return {
      code: 'pkg-hung',
      message: 'pkg was silent for too long and was ended',
      hint: 'Look at the network and at pkg_silence.',
    };
  }
  const said = `${finished.stderr}\n${finished.stdout}`.split('\n');
  for (const [pattern, code, hint] of meanings) {
    const line = said.find((candidate) => pattern.test(candidate));
    if (line === undefined) continue;
    if (code === 'package-unknown' && knowsNoRepository(finished)) return noRepository;
    return { code, message: sentence(line), hint };
  }
  return withoutWords(finished);
}

const noRepository: Explanation = {
  code: 'repository-missing',
  message: 'pkg: no repository is configured',
  hint: whereRepositories,
};

/** An install without any repository knows no package, and says no more: only no catalogue is named before it. */
function knowsNoRepository({ command, stdout }: Finished): boolean {
  const refreshes = !command.some((word) => /^-[A-Za-z]*U/.test(word));
  return refreshes && !/^Updating .* repository catalogue/m.test(stdout);
}

/** A server that hangs up counts as one that has nothing newer, and pkg ends with that, or as a cancellation. */
const brokenOff = [9, 19];

function withoutWords(finished: Finished): Explanation {
  const { status, stderr } = finished;
  if (stderr.trim() !== '' || status === 127) {
    return {
      code: 'pkg-failed',
      message: sentence(complaint(finished)),
      hint: 'jtx show has its whole output.',
    };
  }
  const message = `pkg ended with status ${status} and did not say why`;
  if (!brokenOff.includes(status)) {
    return { code: 'pkg-failed', message, hint: 'jtx show has its whole output.' };
  }
  return {
    code: 'repository-unreachable',
    message: `${message}: so it does where a server breaks the connection off`,
    hint: lookAtRepository,
  };
}

function sentence(line: string): string {
  return `pkg: ${line.replace(/^pkg: /, '').trim()}`;
}

const waysOut: readonly (readonly [RegExp, string])[] = [
  [
    /Proxy Authentication Required/i,
    'What was downloaded has gone meanwhile, and scripts may see no password of a proxy. Try again.',
  ],
  [
    /to merge configuration file/i,
    'With -o AUTOMERGE=no every edited file stays as it is, and the new one comes beside it as FILE.pkgnew, to be merged by hand.',
  ],
];

/** What to do about what went wrong in a run, by what pkg said of it. */
export function wayOut(findings: readonly string[]): string | undefined {
  return waysOut.find(([pattern]) => findings.some((said) => pattern.test(said)))?.[1];
}
