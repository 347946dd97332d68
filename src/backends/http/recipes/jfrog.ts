/** JFrog: the access token and the user it is for are what a job wants (pam-cloud.md, 5.2). */
export const jfrog = `
title: JFrog
parameters:
  provider: { help: "name of the OIDC integration" }
  project: { optional: true, help: "key of the project" }
login:
  request:
    path: /access/api/v1/oidc/token
    json:
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange"
      subject_token_type: "urn:ietf:params:oauth:token-type:id_token"
      subject_token: "{id-token}"
      provider_name: "{parameters.provider}"
      project_key: "{parameters.project}"
  outputs:
    token: access_token
    subject: { claim: sub }
expires: [{ in: expires_in }, { claim: exp }]
fetch: { outputs: [token, subject] }
errors:
  status: "errors[0].status"
  code: ["errors[0].message"]
`;
