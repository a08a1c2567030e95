/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** lower case: `bearer`, `basic` */
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

/** RFC 9110 section 11.6.1, several challenges in one header included. What is malformed ends the reading, as in Docker's client. */
export function parseChallenges(header: string | undefined): Challenge[] {
  const challenges: Challenge[] = []
  let rest = header ?? ''
  for (;;) {
    const scheme = /^[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?=\s|,|$)/.exec(rest)
    if (!scheme) return challenges
    rest = rest.slice(scheme[0].length)
    const parameters: Record<string, string> = {}
    for (;;) {
      const parameter = /^[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/.exec(rest)
      if (!parameter) break
      rest = rest.slice(parameter[0].length)
      parameters[(parameter[1] ?? '').toLowerCase()] = parameter[2]?.replace(/\\(.)/g, '$1') ?? parameter[3] ?? ''
    }
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters })
  }
}
