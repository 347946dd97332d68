/** Pulumi ESC: an environment is opened, then read as a whole (pam-cloud.md, 5.2). */
export const pulumiEsc = `
title: Pulumi ESC
url: https://api.pulumi.com
parameters:
  organization: { help: "name of the organization" }
  token-type: { default: organization, words: [organization, personal, team], help: "kind of access token" }
  project: { optional: true, help: "project, for references without one" }
  scope: { optional: true, help: "scope of the token: user:NAME or team:NAME" }
  scheme: { default: token, words: [token, Bearer], help: "scheme of the Authorization header" }
reference:
  path: ["{project}/{environment}/{property}", "{environment}/{property}"]
  defaults: { project: "{parameters.project}" }
login:
  request:
    path: /api/oauth/token
    json:
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange"
      audience: "urn:pulumi:org:{parameters.organization}"
      subject_token: "{id-token}"
      subject_token_type: "urn:ietf:params:oauth:token-type:id_token"
      requested_token_type: "urn:pulumi:token-type:access_token:{parameters.token-type}"
      scope: "{parameters.scope}"
  outputs: { token: access_token }
expires: [{ in: expires_in }, { after: 10m }]
authorization: { headers: { Authorization: "{parameters.scheme} {token}" } }
look-up:
  request:
    method: POST
    path: "/api/esc/environments/{parameters.organization}/{ref.project}/{ref.environment}/open"
    query: { duration: 5m }
  outputs: { session: id }
fetch:
  one:
    request:
      path: "/api/esc/environments/{parameters.organization}/{ref.project}/{ref.environment}/open/{found.session}"
    present: properties
    withheld: { json: "properties.{ref.property}.unknown", is: true }
    value: { json: "properties.{ref.property}.value", structured: true }
errors:
  code: [message, error]
  unauthorized: { statuses: [401], codes: [invalid_grant, invalid_client] }
`;
