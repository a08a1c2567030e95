/** The door of the Kubernetes API: `createApi` gives a function from request to response. */
export { type Access, type AccessOptions, openAccess } from './access/access.ts'
export { type AdmissionOptions, createAdmission } from './admission/create-admission.ts'
export type * from './contract.ts'
export { type Api, createApi } from './create-api.ts'
export { type StatusCause, StatusError } from './status-error.ts'
