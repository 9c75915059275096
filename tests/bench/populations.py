"""populations: devices that are in the database before any of them informs.

Everything is made by SQL inside PostgreSQL, sorted by key, with the secondary indexes built last.
"""

from typing import NamedTuple

OUI, PRODUCT_CLASS, PASSWORD = "00D09E", "HG7100", "secret"
SERIAL = "'F' || lpad(n::text, 8, '0')"  # of device n, as the fleet counts them
REALM = "acs"  # the default of cwmp.realm
VERSIONS, GROUPS = 20, 1000  # software versions, and tags and parameter values that many devices share


class Population(NamedTuple):
    devices: int
    parameters: int = 0  # stored of each, besides those that its Inform tells
    informs_first: bool = False  # each has informed once before anything is measured
    strangers: int = 0  # further ones, of which only the credentials are known


POPULATIONS = {
    "gateways": Population(100_000, informs_first=True, strangers=20_000),
    "large": Population(10_000, parameters=990, informs_first=True),
    "million": Population(1_000_000, parameters=10),
}

# device_id is the first 63 bits of the SHA-256 over the parts, each behind its length (db/devices.c).
DEVICES = """
CREATE TEMP TABLE seed AS
SELECT n, serial, hash >> 1 & x'7fffffffffffffff'::bigint AS device_id
FROM (SELECT n, serial, ('x' || encode(substr(sha256(
		decode('06', 'hex') || convert_to(:'oui', 'UTF8')
		|| set_byte('\\x00', 0, length(:'product_class')) || convert_to(:'product_class', 'UTF8')
		|| set_byte('\\x00', 0, length(serial)) || convert_to(serial, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint AS hash
	FROM (SELECT n, {serial} AS serial FROM generate_series(1, :devices + :strangers) n) numbered) hashed
ORDER BY device_id;

INSERT INTO device (device_id, id, oui, product_class, serial_number, manufacturer, root, cwmp_version,
	software_version, registered, tags)
SELECT device_id, :'oui' || '-' || :'product_class' || '-' || serial, :'oui', :'product_class', serial,
	'Example Networks', 'InternetGatewayDevice.', '1.0', '1.0.' || n % :versions,
	CASE WHEN n <= :devices THEN now() END,
	CASE WHEN n <= :devices THEN ARRAY['group ' || n % :groups, CASE n % 2 WHEN 0 THEN 'even' ELSE 'odd' END] ELSE '{{}}' END
FROM seed ORDER BY device_id;

INSERT INTO device_live (device_id, last_inform)
SELECT device_id, now() FROM seed WHERE n <= :devices ORDER BY device_id;

INSERT INTO credential (device_id, username, realm, ha1_md5, ha1_sha256)
SELECT device_id, name, :'realm', md5(name || ':' || :'realm' || ':' || :'password'),
	encode(sha256(convert_to(name || ':' || :'realm' || ':' || :'password', 'UTF8')), 'hex')
FROM (SELECT device_id, :'oui' || '-' || :'product_class' || '-' || serial AS name FROM seed) named
ORDER BY device_id;
"""

# Names of ten rows each; every tenth parameter has one of few values, the others are each device's own.
PARAMETERS = """
INSERT INTO path (name)
SELECT 'InternetGatewayDevice.LANDevice.1.Hosts.Host.' || i / 10 + 1 || '.X_00D09E_Item' || i % 10
FROM generate_series(0, :parameters - 1) i;

INSERT INTO parameter (device_id, path_id, value, type, writable, updated)
SELECT device_id, path_id,
	CASE WHEN path_id % 10 = 0 THEN 'group ' || n % :groups ELSE 'value ' || n || ' of ' || path_id END,
	'xsd:string', false, now()
FROM seed, path WHERE n <= :devices AND name LIKE '%.X\\_00D09E\\_Item%' ORDER BY device_id, path_id;
"""

# What device 1 told in its Inform, as every other device would tell it (cpe/fleet/model.h).
INFORMED = """
INSERT INTO parameter (device_id, path_id, value, type, writable, updated)
SELECT d.device_id, path_id,
	CASE WHEN name LIKE '%.Stats.%' THEN substr(d.serial_number, 2)::integer::text
		WHEN value = example.serial_number THEN d.serial_number ELSE value END, type, writable, now()
FROM device example JOIN parameter p USING (device_id) JOIN path USING (path_id), device d
WHERE d.registered IS NOT NULL AND example.serial_number = (SELECT min(serial_number) FROM device) AND d.device_id <> example.device_id
	AND name NOT LIKE '%.X\\_00D09E\\_Item%'
ORDER BY d.device_id, path_id;
"""

# Foreign keys of parameters hold by construction: checking them for each row would take most of the time.
UNCHECKED = "SET session_replication_role = replica;"

SECONDARY_INDEXES = """
SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid IN ('device'::regclass, 'parameter'::regclass) AND NOT indisunique"""


def seed(database, population):
    values = {"oui": OUI, "product_class": PRODUCT_CLASS, "password": PASSWORD, "realm": REALM,
              "devices": population.devices, "strangers": population.strangers, "parameters": population.parameters,
              "versions": VERSIONS, "groups": GROUPS}
    indexes = database.query(SECONDARY_INDEXES)
    database.query("".join(f"DROP INDEX {name};" for name, _ in indexes))
    statements = "SET maintenance_work_mem = '512MB';" + DEVICES.format(serial=SERIAL)
    if population.parameters:
        statements += UNCHECKED + PARAMETERS
    database.query(statements + "".join(f"{definition};" for _, definition in indexes), **values)
    tidy(database)


def copy_informed(database):
    """So that the first sessions of all the others have little to write."""
    database.query(UNCHECKED + INFORMED)


def tidy(database):
    """What autovacuum would do in the middle of a measurement."""
    database.query("VACUUM (FREEZE, ANALYZE)")
    database.query("CHECKPOINT")
