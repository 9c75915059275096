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
    is_registered: bool = True  # false: only its credentials are known
    informs_first: bool = False  # each has informed once before anything is measured


POPULATIONS = {
    "gateways": Population(100_000, informs_first=True),
    "large": Population(10_000, parameters=990, informs_first=True),
    "unknown": Population(50_000, is_registered=False),
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
	FROM (SELECT n, {serial} AS serial FROM generate_series(1, :devices) n) numbered) hashed
ORDER BY device_id;

INSERT INTO device (device_id, id, oui, product_class, serial_number, manufacturer, root, cwmp_version,
	software_version, registered, tags)
SELECT device_id, :'oui' || '-' || :'product_class' || '-' || serial, :'oui', :'product_class', serial,
	'Example Networks', 'InternetGatewayDevice.', '1.0', '1.0.' || n % :versions,
	CASE WHEN :registered THEN now() END,
	CASE WHEN :registered THEN ARRAY['group ' || n % :groups, CASE n % 2 WHEN 0 THEN 'even' ELSE 'odd' END] ELSE '{{}}' END
FROM seed ORDER BY device_id;

INSERT INTO device_live (device_id, last_inform)
SELECT device_id, now() FROM seed WHERE :registered ORDER BY device_id;

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
FROM seed, path WHERE name LIKE '%.X\\_00D09E\\_Item%' ORDER BY device_id, path_id;
"""

# Foreign keys hold by construction: checking them for each row would take most of the time.
FAST = "SET maintenance_work_mem = '512MB'; SET session_replication_role = replica;"

SECONDARY_INDEXES = """
SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid IN ('device'::regclass, 'parameter'::regclass) AND NOT indisunique"""


def seed(database, population):
    values = {"oui": OUI, "product_class": PRODUCT_CLASS, "password": PASSWORD, "realm": REALM,
              "devices": population.devices, "parameters": population.parameters, "versions": VERSIONS,
              "groups": GROUPS, "registered": str(population.is_registered).lower()}
    indexes = database.query(SECONDARY_INDEXES)
    database.query("".join(f"DROP INDEX {name};" for name, _ in indexes))
    statements = FAST + DEVICES.format(serial=SERIAL)
    if population.parameters:
        statements += PARAMETERS
    database.query(statements + "".join(f"{definition};" for _, definition in indexes), **values)
    tidy(database)


def tidy(database):
    """What autovacuum would do in the middle of a measurement."""
    database.query("VACUUM (FREEZE, ANALYZE)")
    database.query("CHECKPOINT")
