import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Pki {
  readonly caPem: string
  readonly serverKey: string
  readonly serverCertificate: string
  readonly adminKey: string
  readonly adminCertificate: string
}

const names = {
  caPem: 'ca.crt',
  serverKey: 'apiserver.key',
  serverCertificate: 'apiserver.crt',
  adminKey: 'admin.key',
  adminCertificate: 'admin.crt',
} as const

/** The certificates in a folder; made at the first start, keys readable by their owner only. */
export async function openPki(folder: string): Promise<Pki> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const all = Object.values(names)
  if (!all.every((name) => existsSync(join(folder, name)))) await makePki(folder)
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  return {
    caPem: read(names.caPem),
    serverKey: read(names.serverKey),
    serverCertificate: read(names.serverCertificate),
    adminKey: read(names.adminKey),
    adminCertificate: read(names.adminCertificate),
  }
}

/** The key that signs service account tokens; made at the first start. */
export async function openTokenKey(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'sa.key')
  if (!existsSync(file)) {
    const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    writeFile(file, await pemOf(pair.privateKey))
  }
  return readFileSync(file, 'utf8')
}

const dayMs = 24 * 3600 * 1000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

async function makePki(folder: string): Promise<void> {
  // What x509 is built with asks for this first; only the first start pays for loading them.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(crypto)
  const notBefore = new Date(Date.now() - dayMs)
  const keys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const serial = () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex')
  const caKeys = await keys()
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=manufacture-ca',
    notBefore,
    notAfter: new Date(Date.now() + 3650 * dayMs),
    signingAlgorithm: algorithm,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  })
  const issue = async (
    subject: string,
    usage: string,
    alternatives: ConstructorParameters<typeof x509.SubjectAlternativeNameExtension>[0] | undefined,
  ) => {
    const pair = await keys()
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject,
      issuer: ca.subject,
      notBefore,
      notAfter: new Date(Date.now() + 3650 * dayMs),
      signingAlgorithm: algorithm,
      publicKey: pair.publicKey,
      signingKey: caKeys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
        ...(alternatives ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
      ],
    })
    return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(pair.privateKey) }
  }
  const hosts = [
    'localhost',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ]
  const addresses = ['127.0.0.1', '::1', '10.96.0.1']
  const server = await issue('CN=kube-apiserver', x509.ExtendedKeyUsage.serverAuth, [
    ...hosts.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ])
  const admin = await issue('O=system:masters, CN=kubernetes-admin', x509.ExtendedKeyUsage.clientAuth, undefined)
  writeFile(join(folder, 'ca.key'), await pemOf(caKeys.privateKey))
  writeFile(join(folder, names.serverKey), server.key)
  writeFile(join(folder, names.serverCertificate), server.certificate)
  writeFile(join(folder, names.adminKey), admin.key)
  writeFile(join(folder, names.adminCertificate), admin.certificate)
  // Last: while it is missing, the others count for nothing.
  writeFile(join(folder, names.caPem), `${ca.toString('pem')}\n`)
}

async function pemOf(key: CryptoKey): Promise<string> {
  const bytes = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${(bytes.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`
}

function writeFile(path: string, text: string): void {
  const mode = path.endsWith('.key') ? 0o600 : 0o644
  writeFileSync(`${path}.new`, text, { mode })
  chmodSync(`${path}.new`, mode)
  renameSync(`${path}.new`, path)
}
