import { change } from './change.ts';
import type { Context } from './context.ts';
import type { Ending } from './ending.ts';
import { type ChangeRequest, plainChange } from './request.ts';

/** What is to be verified, and by what besides. */
export type VerifyRequest = Pick<ChangeRequest, 'jail' | 'words' | 'probes' | 'abi' | 'rootdir'>;

/**
 * Runs all tiers on a jail as it is, on a clone of it: the jail itself is not touched, and a service that runs does not
 * notice. What fails is in the ending's warnings. Throws what {@link change} throws.
 */
export async function verifyJail(context: Context, asked: VerifyRequest): Promise<Ending> {
  const request: ChangeRequest = { ...plainChange, ...asked, verb: 'verify', planOnly: true, rehearse: true };
  const ending = await change(context, request);
  const failed = ending.verifications.filter(({ passed }) => !passed);
  if (failed.length === 0) return ending;
  const count = `${failed.length} of ${ending.verifications.length} verifications failed`;
  return { ...ending, warnings: [...ending.warnings, count] };
}
