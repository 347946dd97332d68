/** Octopus Deploy: it holds no secrets to fetch; the access token is what a job wants (pam-cloud.md, 5.2). */
export const octopus = `
title: Octopus Deploy
parameters:
  service-account: { help: "id of the service account, which is the audience of the exchange" }
login:
  - request: { path: /.well-known/openid-configuration }
    outputs:
      token-endpoint: { json: token_endpoint, public: true }
  - request:
      link: "{login.token-endpoint}"
      json:
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange"
        audience: "{parameters.service-account}"
        subject_token: "{id-token}"
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt"
    outputs: { token: access_token }
expires: { in: expires_in }
fetch: { outputs: [token] }
errors:
  members: [error, ErrorMessage]
  code: [error_description, error, ErrorMessage, "Errors[0]"]
  unauthorized: { statuses: [400, 401] }
`;
