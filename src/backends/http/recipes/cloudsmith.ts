/** Cloudsmith: the access token is what a job wants; 201 is a success as well (pam-cloud.md, 5.2). */
export const cloudsmith = `
title: Cloudsmith
url: https://api.cloudsmith.io
parameters:
  organization: { help: "slug of the organization" }
  service: { help: "slug of the service account" }
login:
  request:
    path: "/openid/{parameters.organization}/"
    json: { oidc_token: "{id-token}", service_slug: "{parameters.service}" }
    errors: { success: [200, 201] }
  outputs: { token: token }
expires: [{ claim: exp }, { after: 10m }]
fetch: { outputs: [token] }
errors:
  code: [detail, message]
`;
