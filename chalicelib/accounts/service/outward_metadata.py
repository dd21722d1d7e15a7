"""What a third party's client finds out about us by itself (RFC 8414)."""

from chalicelib.foundation.kernel.call import Call

from ..contracts.outward import ServerMetadata
from ..rules.outward import CLAIMS
from .outward_asking import issuer


def metadata(call: Call) -> ServerMetadata:
    """Describe the protocol's addresses and what they take."""
    del call
    base = issuer()
    ways = ["client_secret_basic", "client_secret_post", "none"]
    return ServerMetadata(
        issuer=base,
        authorization_endpoint=f"{base}/v1/oauth/authorize",
        token_endpoint=f"{base}/v1/oauth/token",
        revocation_endpoint=f"{base}/v1/oauth/revoke",
        userinfo_endpoint=f"{base}/v1/oauth/userinfo",
        scopes_supported=sorted(CLAIMS),
        response_types_supported=["code"],
        grant_types_supported=["authorization_code", "refresh_token"],
        token_endpoint_auth_methods_supported=ways,
        revocation_endpoint_auth_methods_supported=ways,
        code_challenge_methods_supported=["S256"],
        authorization_response_iss_parameter_supported=True,
    )
