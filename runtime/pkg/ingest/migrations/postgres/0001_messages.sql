-- A stream is the messages of one class from one node.
CREATE TABLE edge_streams (
  node TEXT NOT NULL,
  class TEXT NOT NULL,
  -- Stored messages, and deliveries of messages that were stored before.
  messages BIGINT NOT NULL DEFAULT 0,
  duplicates BIGINT NOT NULL DEFAULT 0,
  -- Duplicates whose content differs from what was stored first.
  conflicts BIGINT NOT NULL DEFAULT 0,
  -- Messages with a key that were put into quarantine.
  rejected BIGINT NOT NULL DEFAULT 0,
  -- The message that was received last, which need not be the newest.
  last_epoch TEXT,
  last_sequence BIGINT,
  first_received_at TIMESTAMPTZ NOT NULL,
  last_received_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (node, class)
);

CREATE TABLE edge_messages (
  node TEXT NOT NULL,
  class TEXT NOT NULL,
  epoch TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  -- When the message arrived, by the clock of the ingest.
  received_at TIMESTAMPTZ NOT NULL,
  -- When it was measured, by the clock of the device, which may be wrong.
  time TIMESTAMPTZ,
  type TEXT NOT NULL,
  subject TEXT,
  content_type TEXT,
  -- The measurement, if the message is a reading.
  value DOUBLE PRECISION,
  unit TEXT,
  -- The content: as JSON, or as bytes if it is none, or JSON that jsonb refuses.
  data JSONB,
  data_binary BYTEA,
  -- Of everything that the device has written, to recognize a key that was used twice.
  digest BYTEA NOT NULL
);
CREATE INDEX edge_messages_time ON edge_messages (node, class, time);

-- With TimescaleDB, messages are partitioned by the time of arrival: device clocks may be years off, and a hypertable cannot
-- enforce uniqueness without its partitioning column. The ranges below ensure that each key is stored once.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    PERFORM create_hypertable('edge_messages', 'received_at', chunk_time_interval => INTERVAL '1 day');
    CREATE INDEX edge_messages_key ON edge_messages (node, class, epoch, sequence);
  ELSE
    ALTER TABLE edge_messages ADD PRIMARY KEY (node, class, epoch, sequence);
  END IF;
END
$$;

-- The sequences of an epoch that were received, as ranges that neither overlap nor touch. They decide what is a
-- duplicate, also of messages that were deleted since.
CREATE TABLE edge_ranges (
  node TEXT NOT NULL,
  class TEXT NOT NULL,
  epoch TEXT NOT NULL,
  first BIGINT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (node, class, epoch, first)
);

-- Messages that an agent has reported as lost.
CREATE TABLE edge_losses (
  node TEXT NOT NULL,
  class TEXT NOT NULL,
  first BIGINT NOT NULL,
  last BIGINT NOT NULL,
  reason TEXT NOT NULL,
  reported_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (node, class, first)
);

-- What was received and could not be stored as a message.
CREATE TABLE edge_quarantine (
  digest BYTEA NOT NULL PRIMARY KEY,
  topic TEXT NOT NULL,
  payload BYTEA NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  -- The key, if it could be read and belongs to the topic. Such a message was acknowledged.
  node TEXT,
  class TEXT,
  epoch TEXT,
  sequence BIGINT,
  received BIGINT NOT NULL,
  first_received_at TIMESTAMPTZ NOT NULL,
  last_received_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX edge_quarantine_received ON edge_quarantine (last_received_at);

-- The epochs of a stream: one run of an outbox each. An epoch that overlaps an earlier one comes from a disk that was
-- restored, or from a second device with the same name.
CREATE VIEW edge_epochs AS
SELECT node, class, epoch, first, last,
  coalesce(first <= max(last) OVER (PARTITION BY node, class ORDER BY first, last, epoch ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), FALSE) AS overlapping
FROM (SELECT node, class, epoch, min(first) AS first, max(last) AS last FROM edge_ranges GROUP BY node, class, epoch) AS spans;

-- Sequences that are missing: not received and not reported as lost. Within an epoch, they lie between its first and its
-- last message. Those between two epochs, and before the first one, have no epoch.
CREATE VIEW edge_gaps AS
WITH covered AS (
  SELECT node, class, epoch, first, last FROM edge_ranges
  UNION ALL
  SELECT spans.node, spans.class, spans.epoch, greatest(losses.first, spans.first), least(losses.last, spans.last)
  FROM edge_losses AS losses JOIN edge_epochs AS spans
    ON spans.node = losses.node AND spans.class = losses.class AND losses.last >= spans.first AND losses.first <= spans.last
  UNION ALL
  SELECT node, class, NULL, first, last FROM edge_epochs
  UNION ALL
  SELECT losses.node, losses.class, NULL, losses.first, least(losses.last, newest.last)
  FROM edge_losses AS losses JOIN (SELECT node, class, max(last) AS last FROM edge_epochs GROUP BY node, class) AS newest
    ON newest.node = losses.node AND newest.class = losses.class AND losses.first <= newest.last
), ordered AS (
  SELECT node, class, epoch, first,
    max(last) OVER (PARTITION BY node, class, epoch ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM covered
)
SELECT node, class, epoch, coalesce(before, 0) + 1 AS first, first - 1 AS last
FROM ordered
WHERE first > before + 1 OR before IS NULL AND epoch IS NULL AND first > 1;

-- One row for each node and class, for dashboards.
CREATE VIEW edge_status AS
SELECT streams.node, streams.class, streams.messages, streams.duplicates, streams.conflicts, streams.rejected,
  coalesce(gaps.missing, 0) AS missing, coalesce(gaps.gaps, 0) AS gaps, coalesce(epochs.epochs, 0) AS epochs,
  coalesce(epochs.overlapping, 0) AS overlapping, streams.last_epoch, streams.last_sequence, streams.first_received_at, streams.last_received_at
FROM edge_streams AS streams
LEFT JOIN (
  SELECT node, class, sum(CAST(last - first + 1 AS DOUBLE PRECISION)) AS missing, count(*) AS gaps FROM edge_gaps GROUP BY node, class
) AS gaps ON gaps.node = streams.node AND gaps.class = streams.class
LEFT JOIN (
  SELECT node, class, count(*) AS epochs, sum(CASE WHEN overlapping THEN 1 ELSE 0 END) AS overlapping FROM edge_epochs GROUP BY node, class
) AS epochs ON epochs.node = streams.node AND epochs.class = streams.class;
