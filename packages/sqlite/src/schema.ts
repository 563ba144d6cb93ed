/** Says in the file's header that it is ours: "cach". */
export const applicationId = 0x63616368

/** The layout below. A file with a higher one was written by a later version of this package. */
export const layoutVersion = 1

/**
 * No index serves eviction or expiry until it is needed: each would cost about a quarter of every write. Eviction
 * makes its own when a limit is first reached; expired rows are found by walking the table in steps.
 *
 * `replaced_bytes` lets an upsert tell in one step what it replaced, as RETURNING sees only new values.
 * `payload` comes last, so that nothing else is read through its overflow pages.
 *
 * `journal` holds the log, a row for the changes of one transaction under minus the sequence of the last of them,
 * and one row with the state of the file, below all of these: both are written by every change, and so they share
 * the first page of the table. What a commit costs is pages.
 */
export const schema: string = `
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    format INTEGER NOT NULL,
    fresh_until INTEGER NOT NULL,
    gone_at INTEGER NOT NULL,
    born_at INTEGER NOT NULL,
    load_ms INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    accessed_at INTEGER,
    access_count INTEGER NOT NULL DEFAULT 0,
    caller_version INTEGER,
    replaced_bytes INTEGER,
    revision TEXT NOT NULL,
    tags TEXT,
    payload NOT NULL,
    UNIQUE (key, version)
  );
  CREATE TABLE leases (
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    token TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    until INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (key, version)
  ) WITHOUT ROWID;
  CREATE TABLE tags (tag TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    kind INTEGER,
    names TEXT,
    epoch TEXT,
    boot_id TEXT,
    file_id TEXT,
    unsynced INTEGER,
    versions TEXT,
    high_water INTEGER,
    sequence INTEGER,
    log_floor INTEGER,
    log_chars INTEGER,
    tag_floor INTEGER,
    tag_count INTEGER,
    entry_count INTEGER,
    entry_bytes INTEGER,
    lease_count INTEGER
  );
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${layoutVersion};
`

/** Made when a cache first reaches its limit. */
export const evictionIndex: string =
  'CREATE INDEX IF NOT EXISTS entries_by_use ON entries (coalesce(accessed_at, created_at))'
