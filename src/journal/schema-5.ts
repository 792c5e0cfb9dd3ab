/** When the backup of each jail on each target last had its turn to be proved, whatever came of it. */
export const versionFive = `
CREATE TABLE backup_turns (
  jail TEXT NOT NULL,
  target TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (jail, target)
) STRICT, WITHOUT ROWID;
INSERT INTO backup_turns (jail, target, at)
  SELECT jail, target, at FROM backup_checks
  WHERE id IN (SELECT max(id) FROM backup_checks GROUP BY jail, target);
`;
