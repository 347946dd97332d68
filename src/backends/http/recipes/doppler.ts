/** Doppler: the token is the user of Basic authentication, one request brings a whole config (pam-cloud.md, 5.2). */
export const doppler = `
title: Doppler
url: https://api.doppler.com
parameters:
  identity: { help: "id of the service account identity" }
  project: { optional: true, help: "project, for references without one" }
  config: { optional: true, help: "config, for references without one" }
reference:
  path: ["{project}/{config}/{name}", "{config}/{name}", "{name}"]
  defaults: { project: "{parameters.project}", config: "{parameters.config}" }
login:
  request:
    path: /v3/auth/oidc
    json: { identity: "{parameters.identity}", token: "{id-token}" }
  outputs: { token: token }
expires: { at: expires_at, form: iso }
authorization: { basic: { user: "{token}", password: "" } }
fetch:
  all:
    request:
      path: /v3/configs/config/secrets
      query: { project: "{ref.project}", config: "{ref.config}" }
    entries: { map: secrets, value: computed }
    key: "{ref.name}"
logout:
  path: /v3/auth/revoke
  json: { token: "{token}" }
errors:
  code: ["messages[0]"]
`;
