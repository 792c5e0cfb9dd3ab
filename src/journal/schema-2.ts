/** What was set aside, what came back, whether the jail ran, and commits on trial. */
export const versionTwo = `
ALTER TABLE transactions ADD COLUMN ran INTEGER NOT NULL DEFAULT 0;
UPDATE transactions SET ran = restart;
ALTER TABLE transactions ADD COLUMN aside TEXT;
ALTER TABLE transactions ADD COLUMN source TEXT;
ALTER TABLE transactions ADD COLUMN confirm_by INTEGER;
CREATE INDEX transactions_on_trial ON transactions (confirm_by) WHERE confirm_by IS NOT NULL;
`;
