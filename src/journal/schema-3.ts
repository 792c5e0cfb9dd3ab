/** Backups: what each target has of each jail, and which of it was restored as a proof. */
export const versionThree = `
CREATE TABLE backups (
  id TEXT NOT NULL PRIMARY KEY,
  started INTEGER NOT NULL,
  ended INTEGER
) STRICT;
CREATE TABLE backup_results (
  backup TEXT NOT NULL REFERENCES backups (id) ON DELETE CASCADE,
  jail TEXT NOT NULL,
  target TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sent', 'unchanged', 'failed')),
  point TEXT,
  bytes INTEGER NOT NULL,
  message TEXT,
  at INTEGER NOT NULL,
  PRIMARY KEY (backup, jail, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX backup_results_of ON backup_results (jail, target, at);
CREATE TABLE backup_checks (
  id INTEGER PRIMARY KEY,
  jail TEXT NOT NULL,
  target TEXT NOT NULL,
  point TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('proved', 'failed')),
  message TEXT,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX backup_checks_of ON backup_checks (jail, target, at);
`;
