/** FortiPAM, as the built-in backend has it (pam-cloud.md, section 1): for versions that need something else. */
export const fortipam = `
title: FortiPAM
parameters:
  user: { optional: true, help: "name of the api-user, where the login needs it" }
  vdom: { optional: true, help: "virtual domain to read secrets from" }
  encoding: { default: plain, words: [plain, base64], help: "how values are asked for" }
reference:
  field: password
  id-alone: true
login:
  request:
    path: /auth/jwt/login
    json: { jwt: "{id-token}", username: "{parameters.user}" }
  outputs: { token: [access_token, token, results.access_token] }
expires: [{ in: [expires_in, results.expires_in] }, { after: 10m }]
authorization: { headers: { Authorization: "Bearer {token}" } }
look-up:
  request:
    path: "/api/v2/utility/id/{path|segments}"
    query: { type: secret }
  present: .
  outputs: { id: [results.id, id] }
check-out:
  when: when-forbidden
  request: { path: /api/v2/internal/secret-checkout, json: { secret-id: "{found.id|number}" }, repeat: false }
  check-in: { path: /api/v2/internal/secret-checkin, json: { secret-id: "{found.id|number}" } }
fetch:
  one:
    request:
      path: "/api/v2/cmdb/secret/database/{found.id}"
      query: { vdom: "{parameters.vdom}", secret_encoding: "{parameters.encoding}" }
    present: results
    value:
      json:
        - "results[].field[name~{field}].value"
        - "results[].{field}"
        - "results[].field![name={field}].value"
        - "results[].~{field}"
        - "results.field[name~{field}].value"
        - "results.{field}"
        - "results.field![name={field}].value"
        - "results.~{field}"
      decode: "{parameters.encoding}"
errors:
  status: http_status
  members: [error, cli_error]
  code: [cli_error, error, status]
  page: unauthorized
  locked-out: { statuses: [429] }
`;
