/** What decides between commit and rollback, in the order in which it is looked at (docs/verification.md). */
export const tiers = ['changes', 'check', 'static', 'probe'] as const;

/** A check and its result, as it is journalled. */
export interface Verification {
  tier: (typeof tiers)[number];
  subject: string;
  expected: string | null;
  passed: boolean;
  output: string;
}
