/** The jails that were stopped with a transaction's own, as they depend on it, and have to be started again: a JSON list. */
export const versionSix = `
ALTER TABLE transactions ADD COLUMN dependents TEXT NOT NULL DEFAULT '[]';
`;
