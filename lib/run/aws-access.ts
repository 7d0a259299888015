/** By what, and where, a worker on AWS reaches what belongs to its account. */
export interface AwsAccess {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Servers other than AWS's; empty: AWS's own. */
  readonly s3: string;
  readonly secretsManager: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** As a function finds it in its environment, to hand it on to a thread that has none. */
export function accessFrom(env: Env): AwsAccess {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL } = env;
  return {
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    },
    s3: env.AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL || '',
    secretsManager: env.AWS_ENDPOINT_URL_SECRETS_MANAGER || AWS_ENDPOINT_URL || '',
  };
}
