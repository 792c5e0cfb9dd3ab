import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { memberOf } from './archive.ts';
import type { Repository } from './repositories.ts';
import type { Session } from './session.ts';

/**
 * Whether a catalogue may be unpacked, with everything said where it may not. No signature is ever good here:
 * the lab signs none.
 */
export function isTrusted(session: Session, repository: Repository, archive: Buffer): boolean {
  const { reporter } = session;
  if (!hasNobody(session)) {
    reporter.warn("Unable to drop privileges: no 'nobody' user");
    reporter.event();
    reporter.event(`{ "type": "ERROR", "data": {"msg": "Repo extraction failed"}}`);
    reporter.warn('Repo extraction failed');
    return false;
  }
  if (repository.signatureType === 'none') return true;
  reporter.event();
  if (repository.signatureType === 'fingerprints') {
    reporter.error(isSigned(archive) ? 'No trusted public keys found' : 'No signature found');
    return false;
  }
  // An archive without a signature has an empty one, which fails as any wrong one does, after both ways to check it.
  const key = readFileSync(session.root.followed(repository.pubkey), 'utf8');
  if (isPublicKey(key)) {
    reporter.event();
    reporter.error(`${key}: signature verification failure`);
  } else {
    const message = 'error reading public key: error:1E08010C:DECODER routines::unsupported';
    reporter.error(message);
    reporter.event();
    reporter.error(message);
  }
  reporter.event();
  reporter.error('Invalid signature, removing repository.');
  return false;
}

function isPublicKey(text: string): boolean {
  try {
    createPublicKey(text);
    return true;
  } catch {
    return false;
  }
}

function isSigned(archive: Buffer): boolean {
  try {
    return memberOf(archive, 'data.sig') !== undefined;
  } catch {
    return false;
  }
}

function hasNobody(session: Session): boolean {
  // With -r it is the host's user.
  if (session.options.rootdir !== undefined) return true;
  try {
    return readFileSync(session.root.followed('/etc/passwd'), 'utf8')
      .split('\n')
      .some((line) => line.startsWith('nobody:'));
  } catch {
    return false;
  }
}
