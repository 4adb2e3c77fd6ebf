package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/skerry-dev/skerry/runtime/pkg/migrations"
)

// postgresStore stores messages in PostgreSQL.
type postgresStore struct {
	pool     *pgxpool.Pool
	mu       sync.Mutex
	prepared bool
}

func openPostgres(location, passwordFile string) (Store, error) {
	// Errors of pgx may contain the location, and with it a password.
	parsed, err := url.Parse(location)
	if err != nil {
		return nil, errors.New("must be a URL")
	}
	if _, set := parsed.User.Password(); set || parsed.Query().Has("password") {
		return nil, errors.New("must have no password: pass it in a file")
	}
	config, err := pgxpool.ParseConfig(location)
	if err != nil {
		return nil, fmt.Errorf("must be postgres://USER@HOST[:PORT]/DATABASE: %w", err)
	}
	config.BeforeConnect = func(_ context.Context, connection *pgx.ConnConfig) error {
		if passwordFile == "" {
			return nil
		}
		password, err := os.ReadFile(passwordFile)
		connection.Password = strings.TrimRight(string(password), "\r\n")
		return err
	}
	// A commit counts only when it is on disk, whatever the server's default is. "on" also waits for synchronous standbys.
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "on"
	config.ConnConfig.RuntimeParams["application_name"] = "edge-ingest"
	config.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	return &postgresStore{pool: pool}, nil
}

func (s *postgresStore) Close() { s.pool.Close() }

// migrationLock is the key of the advisory lock that migrations hold: "skerry" in ASCII.
const migrationLock = 0x736b65727279

func (s *postgresStore) Prepare(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prepared {
		return s.pool.Ping(ctx)
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return migratePostgres(ctx, tx, migrationsOf("postgres")) })
	s.prepared = err == nil
	return err
}

func migratePostgres(ctx context.Context, tx pgx.Tx, files fs.FS) error {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS edge_schema (version INTEGER NOT NULL)"); err != nil {
		return err
	}
	var version int
	if err := tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM edge_schema").Scan(&version); err != nil {
		return err
	}
	missing, err := migrations.After(files, version)
	if err != nil {
		return err
	}
	for _, each := range missing {
		if _, err := tx.Exec(ctx, each.Text); err != nil {
			return fmt.Errorf("%s: %w", each.Name, err)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO edge_schema (version) VALUES ($1)", each.Version); err != nil {
			return err
		}
	}
	return nil
}

func (s *postgresStore) transact(ctx context.Context, run func(transaction) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return run(postgresTransaction{tx}) })
}

// refusesData recognizes the classes of errors about values: data exceptions, violated constraints, exceeded limits, and
// exceptions that a trigger raises.
func (s *postgresStore) refusesData(err error) bool {
	var problem *pgconn.PgError
	if !errors.As(err, &problem) {
		return false
	}
	switch problem.Code[:min(2, len(problem.Code))] {
	case "22", "23", "54", "P0":
		return true
	}
	return false
}

func (s *postgresStore) Status(ctx context.Context) ([]Status, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+statusColumns+" FROM edge_status ORDER BY node, class")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Status])
}
