CREATE TABLE records (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  -- JSON, NULL in a tombstone.
  value TEXT,
  deleted INTEGER NOT NULL,
  -- The hybrid logical clock: milliseconds since 1970, and a counter.
  milliseconds INTEGER NOT NULL,
  counter INTEGER NOT NULL,
  origin TEXT NOT NULL,
  schema INTEGER NOT NULL,
  -- JSON: how often each site has written the record, and members of newer programs.
  writes TEXT NOT NULL,
  extra TEXT,
  bucket INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  -- Grows with every change in this database, so that one can ask what changed since.
  change INTEGER NOT NULL UNIQUE,
  -- The site from which the record came last, or empty.
  source TEXT NOT NULL,
  -- The hub has refused the record because it may have been deleted. It does not take part in the exchange any more.
  withdrawn INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (scope, key)
);
CREATE INDEX records_bucket ON records (bucket);
CREATE INDEX records_tombstones ON records (milliseconds) WHERE deleted;

-- Records that lost, and why.
CREATE TABLE conflicts (
  id INTEGER PRIMARY KEY,
  recorded_at TEXT NOT NULL,
  -- concurrent, ahead or expired.
  reason TEXT NOT NULL,
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  -- The record that lost, as JSON, and the version that won, if there is one.
  loser TEXT NOT NULL,
  winner_stamp TEXT,
  winner_origin TEXT,
  -- The version of the loser, so that a repetition is not recorded.
  version TEXT NOT NULL,
  UNIQUE (scope, key, reason, version)
);

-- The sites that the hub has heard of.
CREATE TABLE sites (
  site TEXT NOT NULL PRIMARY KEY,
  last_heard_at TEXT NOT NULL
);

-- Exactly one row.
CREATE TABLE identity (
  site TEXT NOT NULL,
  -- All in milliseconds since 1970: since when the database has been in use without interruption, when that was checked last,
  -- and up to when tombstones were forgotten.
  complete_since INTEGER NOT NULL,
  last_used INTEGER NOT NULL,
  horizon INTEGER NOT NULL,
  -- The last change that was given.
  change INTEGER NOT NULL
);
