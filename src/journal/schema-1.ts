/** The journal's first schema. Times are milliseconds since the epoch; lists are JSON. */
export const versionOne = `
CREATE TABLE transactions (
  id TEXT NOT NULL PRIMARY KEY,
  jail TEXT NOT NULL,
  root TEXT NOT NULL,
  dataset TEXT NOT NULL,
  verb TEXT NOT NULL,
  arguments TEXT NOT NULL,
  pid INTEGER NOT NULL,
  version TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('open', 'committed', 'rolled-back', 'unchanged', 'refused', 'stuck')),
  started INTEGER NOT NULL,
  ended INTEGER,
  settled INTEGER NOT NULL DEFAULT 0,
  settled_at INTEGER,
  restart INTEGER NOT NULL,
  target TEXT,
  snapshot TEXT,
  datasets TEXT NOT NULL,
  before TEXT,
  plan TEXT,
  code TEXT,
  message TEXT,
  hint TEXT,
  undone_by TEXT
) STRICT;
CREATE INDEX transactions_of_jail ON transactions (jail, id);
CREATE INDEX transactions_unsettled ON transactions (id)
  WHERE settled = 0 OR state IN ('open', 'stuck');
CREATE INDEX transactions_undoable_root ON transactions (root, id)
  WHERE state = 'committed' AND verb <> 'rollback' AND undone_by IS NULL AND snapshot IS NOT NULL;
CREATE INDEX transactions_undoable_jail ON transactions (jail, id)
  WHERE state = 'committed' AND verb <> 'rollback' AND undone_by IS NULL AND snapshot IS NOT NULL;

CREATE TABLE steps (
  id INTEGER PRIMARY KEY,
  tx TEXT NOT NULL REFERENCES transactions (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  started INTEGER NOT NULL,
  finished INTEGER,
  outcome TEXT
) STRICT;
CREATE INDEX steps_of ON steps (tx);

CREATE TABLE commands (
  id INTEGER PRIMARY KEY,
  tx TEXT NOT NULL REFERENCES transactions (id) ON DELETE CASCADE,
  command TEXT NOT NULL,
  changes INTEGER NOT NULL,
  pid INTEGER,
  pid_started INTEGER,
  started INTEGER NOT NULL,
  finished INTEGER,
  status INTEGER,
  output TEXT
) STRICT;
CREATE INDEX commands_of ON commands (tx);

CREATE TABLE package_changes (
  id INTEGER PRIMARY KEY,
  tx TEXT NOT NULL REFERENCES transactions (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  origin TEXT,
  from_version TEXT,
  to_version TEXT
) STRICT;
CREATE INDEX package_changes_of ON package_changes (tx);

CREATE TABLE verifications (
  id INTEGER PRIMARY KEY,
  tx TEXT NOT NULL REFERENCES transactions (id) ON DELETE CASCADE,
  tier TEXT NOT NULL,
  subject TEXT NOT NULL,
  expected TEXT,
  passed INTEGER NOT NULL,
  output TEXT NOT NULL
) STRICT;
CREATE INDEX verifications_of ON verifications (tx);

CREATE TABLE snapshots (
  tx TEXT NOT NULL REFERENCES transactions (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  dataset TEXT NOT NULL,
  guid TEXT NOT NULL,
  PRIMARY KEY (tx, name)
) STRICT, WITHOUT ROWID;
`;
