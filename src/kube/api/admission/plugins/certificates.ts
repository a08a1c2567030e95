import { goQuote, type k8s, sameJson } from '../../../schema/index.ts'
import type { AdmissionRequest, Attributes, Authorize } from '../../contract.ts'
import { type AdmissionPlugin, objectOf, oldObjectOf, refusal, targetOf } from '../plugin.ts'

const resource = 'certificatesigningrequests.certificates.k8s.io'

/** Who approves or signs for a signer must hold that verb on it, or on all signers of its domain. */
export const certificateSigners = (authorize: Authorize): AdmissionPlugin => ({
  async validate(request) {
    if (request.operation !== 'UPDATE') return
    const target = targetOf(request)
    if (target !== `${resource}/approval` && target !== `${resource}/status`) return
    const old = oldObjectOf(request) as unknown as k8s.CertificateSigningRequest
    const next = objectOf(request) as unknown as k8s.CertificateSigningRequest
    const isApproval = target.endsWith('/approval')
    if (!isApproval && sameJson(old.status, next.status)) return
    const verb = isApproval ? 'approve' : 'sign'
    const { signerName } = old.spec
    if (await maySign(authorize, request, verb, signerName)) return
    throw refusal(request, `user not permitted to ${verb} requests with signerName ${goQuote(signerName)}`)
  },
})

async function maySign(
  authorize: Authorize,
  { user }: AdmissionRequest,
  verb: string,
  signerName: string,
): Promise<boolean> {
  const attributes = (name: string): Attributes => ({
    user,
    verb,
    resourceRequest: true,
    apiGroup: 'certificates.k8s.io',
    apiVersion: '*',
    resource: 'signers',
    subresource: '',
    namespace: '',
    name,
    path: '',
  })
  if ((await authorize(attributes(signerName))).allowed) return true
  return (await authorize(attributes(`${signerName.split('/')[0]}/*`))).allowed
}

/** Nobody becomes an administrator by asking the API server's own signer. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  async validate(request) {
    if (targetOf(request) !== resource || request.operation !== 'CREATE') return
    const { spec } = objectOf(request) as unknown as k8s.CertificateSigningRequest
    if (spec.signerName !== 'kubernetes.io/kube-apiserver-client') return
    await import('reflect-metadata')
    const { Pkcs10CertificateRequest } = await import('@peculiar/x509')
    const { subjectName } = new Pkcs10CertificateRequest(atob(spec.request))
    if (subjectName.getField('O').includes('system:masters'))
      throw refusal(
        request,
        'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
      )
  },
}
