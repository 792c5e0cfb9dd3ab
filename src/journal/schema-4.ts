/**
 * What jtx itself let go of what transactions had kept, as far as the journal tells of the time before: a tree that was
 * dropped, or was brought back whole. What is asked of a root is found without reading the history of all.
 */
export const versionFour = `
ALTER TABLE transactions ADD COLUMN snapshot_gone INTEGER;
ALTER TABLE transactions ADD COLUMN aside_gone INTEGER;
UPDATE transactions SET aside_gone = gone.ended
  FROM (
    SELECT CASE verb WHEN 'drop' THEN aside ELSE source END AS tree, ended FROM transactions
    WHERE state = 'committed' AND (verb = 'drop' OR (verb = 'rollback' AND snapshot IS NULL))
  ) AS gone
  WHERE transactions.aside = gone.tree AND transactions.verb <> 'drop';
CREATE INDEX transactions_of_root ON transactions (root, id);
DROP INDEX transactions_on_trial;
CREATE INDEX transactions_on_trial ON transactions (id)
  WHERE confirm_by IS NOT NULL AND state = 'committed' AND undone_by IS NULL;
`;
