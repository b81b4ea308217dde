declare module "oidc-provider" {
  /** As far as it is used here: the package has no types of its own. */
  export default class Provider {
    constructor(issuer: string, configuration: object);
    listen(port: number, host: string, listening: () => void): unknown;
  }
}
