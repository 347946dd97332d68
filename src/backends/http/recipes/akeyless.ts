/** Akeyless: the token goes in the body, one request brings many (pam-cloud.md, 5.2). */
export const akeyless = `
title: Akeyless
url: https://api.akeyless.io
parameters:
  access-id: { help: "access id of the JWT or OAuth2 auth method, p-..." }
  access-type: { default: jwt, words: [jwt, oauth2], help: "kind of that auth method" }
login:
  request:
    path: /auth
    json:
      access-type: "{parameters.access-type}"
      access-id: "{parameters.access-id}"
      jwt: "{id-token}"
  outputs: { token: token }
expires: { after: 10m }
fetch:
  many:
    at-most: 50
    request:
      path: /get-secret-value
      json: { names: "{paths}", token: "{token}" }
    entries: { map: . }
    structured: true
errors:
  missing: { statuses: [404], codes: [itemNotFound] }
  code: [code, error, message]
`;
