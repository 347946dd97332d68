/**
 * Infisical: one request brings a whole folder, imports included (pam-cloud.md, 5.2). In place of a value that the identity may
 * know of and not read there stands another text, and the answer is a 200 all the same.
 */
export const infisical = `
title: Infisical
url: https://app.infisical.com
parameters:
  identity: { help: "id of the machine identity with OIDC auth" }
  organization: { optional: true, help: "slug of the organization, where it is needed" }
  project: { optional: true, help: "slug of the project, for references without one" }
  environment: { optional: true, help: "slug of the environment, for references without one" }
reference:
  path: ["{project}/{environment}/{folder|segments}/{name}", "{project}/{environment}/{name}", "{environment}/{name}", "{name}"]
  defaults: { project: "{parameters.project}", environment: "{parameters.environment}" }
login:
  request:
    path: /api/v1/auth/oidc-auth/login
    json: { identityId: "{parameters.identity}", jwt: "{id-token}", organizationSlug: "{parameters.organization}" }
  outputs: { token: accessToken }
expires: { in: expiresIn }
authorization: { headers: { Authorization: "Bearer {token}" } }
fetch:
  all:
    request:
      path: /api/v3/secrets/raw
      query:
        workspaceSlug: "{ref.project}"
        environment: "{ref.environment}"
        secretPath: "/{ref.folder}"
        include_imports: "true"
        expandSecretReferences: "true"
    entries:
      - { list: secrets, name: secretKey, value: secretValue, withheld: { json: secretValueHidden, is: true } }
      - list: "imports[].secrets[]"
        name: secretKey
        value: secretValue
        withheld: { json: secretValueHidden, is: true }
        duplicates: last
    key: "{ref.name}"
errors:
  code: [message, error]
`;
