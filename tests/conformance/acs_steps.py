"""acs_steps: what many items do with an ACS, and what they expect of its replies."""

import envelope

ROOT = "InternetGatewayDevice."
CODE = ROOT + "DeviceInfo.ProvisioningCode"
CALL_URL = ROOT + "ManagementServer.ConnectionRequestURL"


def values_of(request):
    """Answers a GetParameterValues with a value for each name."""
    return envelope.values_response({name: "v" for name in request.texts("ParameterNames/string")})


def assert_informed(reply, *context):
    assert reply.status == 200 and reply.method == "InformResponse", (context, reply)


def assert_refused(reply):
    """4xx, or a fault."""
    assert 400 <= reply.status < 500 or reply.method == "Fault", reply
