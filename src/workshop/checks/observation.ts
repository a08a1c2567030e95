/** What an open task sees: a fact about the engine that the page says in the reader's language. */
export type Observation =
  | { what: 'no-image'; name: string }
  | { what: 'image-differs'; name: string; field: string; found: string }
  | { what: 'no-container'; name: string }
  | { what: 'container-state'; name: string; image: string; state: string; exitCode: number }
  | { what: 'container-published'; name: string; image: string; published: string }
  | { what: 'container-listens'; name: string; listens: string }
  | { what: 'container-differs'; name: string; field: string; found: string }
  | { what: 'count'; of: string; found: number }
  | { what: 'no-network'; name: string }
  | { what: 'network-lacks'; name: string; container: string }
  | { what: 'no-volume'; name: string }
  | { what: 'exists'; name: string }
  | { what: 'http-failed'; url: string; how: string }
  | { what: 'http-answer'; url: string; status: number; body: string }
  | { what: 'no-file'; path: string; instead: string }
  | { what: 'file-differs'; path: string; found: string }
  | { what: 'not-answered'; id: string }
  | { what: 'wrong-answer'; id: string }
  | { what: 'not-yet'; action: string }
  | { what: 'not-typed'; command: string }
  | { what: 'script'; output: string }

export interface Verdict {
  met: boolean
  /** Absent when met. */
  sees?: Observation
}

export const met: Verdict = { met: true }
export const unmet = (sees: Observation): Verdict => ({ met: false, sees })
