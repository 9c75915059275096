-- The log of CWMP sessions, in partitions of a day each.
-- Oldest server: 0006

-- A row per session that is over, written in batches soon afterwards. A record for operators: what is in it is told
-- nobody before, and a crash may lose the last of it. Sessions of devices that were deleted go with them.
CREATE TABLE session_log (
	device_id bigint NOT NULL, -- of device: no foreign key to check
	begun timestamptz NOT NULL,
	ended timestamptz NOT NULL,
	bytes_in bigint NOT NULL,
	bytes_out bigint NOT NULL,
	turns integer NOT NULL,
	requests integer NOT NULL, -- that we sent
	faults integer NOT NULL, -- from either side
	source_address inet,
	session text NOT NULL, -- as in the server's log lines
	events text NOT NULL, -- codes of its Inform, one on each line
	outcome text NOT NULL, -- 'ended', 'superseded', 'timeout'
	node text NOT NULL
) PARTITION BY RANGE (begun);
CREATE INDEX session_log_device ON session_log (device_id, begun);
-- For the sessions of a day that has no partition: the server was not there to make it.
CREATE TABLE session_log_default PARTITION OF session_log DEFAULT;

-- Partitions for this day (UTC) and three more, and none that is over for `days` days (0: all stay). One caller at a
-- time; what finds the table in use for long gives up, and is done by the next call.
CREATE FUNCTION session_log_keep(days bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	today date := (now() AT TIME ZONE 'UTC')::date;
	day date;
	begins timestamptz;
	partition name;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtext('session_log_keep')) THEN
		RETURN;
	END IF;
	PERFORM set_config('lock_timeout', '1s', true);
	FOR day IN SELECT today + ahead FROM generate_series(0, 3) AS ahead LOOP
		partition := 'session_log_' || to_char(day, 'YYYYMMDD');
		CONTINUE WHEN to_regclass(partition::text) IS NOT NULL;
		begins := day::timestamp AT TIME ZONE 'UTC';
		EXECUTE format('CREATE TABLE %I (LIKE session_log INCLUDING ALL)', partition);
		-- What came before its partition moves there.
		LOCK TABLE session_log_default IN ACCESS EXCLUSIVE MODE;
		EXECUTE format('WITH early AS (DELETE FROM session_log_default WHERE begun >= %L AND begun < %L RETURNING *)'
			' INSERT INTO %I SELECT * FROM early', begins, begins + interval '1 day', partition);
		EXECUTE format('ALTER TABLE session_log ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
			partition, begins, begins + interval '1 day');
	END LOOP;
	FOR partition IN SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
		WHERE inhparent = 'session_log'::regclass AND relname ~ '^session_log_\d{8}$' AND days > 0
			AND to_date(right(relname, 8), 'YYYYMMDD') < today - days::integer LOOP
		EXECUTE format('DROP TABLE %I', partition);
	END LOOP;
	DELETE FROM session_log_default WHERE ctid = ANY (ARRAY(SELECT ctid FROM session_log_default
		WHERE days > 0 AND begun < today - days::integer LIMIT 10000));
END
$$;
