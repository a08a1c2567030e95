import { type LabelRequirement, SyntaxProblem } from '../contract.ts'
import { goQuote } from '../validation/field-error.ts'
import { labelValueRule, qualifiedNameRule } from '../validation/names.ts'

/** meta.k8s.io/v1 LabelSelector. */
export interface LabelSelectorObject {
  matchLabels?: Record<string, string> | undefined
  matchExpressions?:
    | { key?: string | undefined; operator?: string | undefined; values?: string[] | undefined }[]
    | undefined
}

type Token = { kind: 'identifier' | 'symbol' | 'end'; text: string }

const symbols = '=!(),><'
const known = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '('])

function tokens(text: string): Token[] {
  const found: Token[] = []
  let i = 0
  while (i < text.length) {
    const c = text.charAt(i)
    if (' \t\r\n'.includes(c)) i++
    else if (symbols.includes(c)) {
      let run = ''
      while (i < text.length && symbols.includes(text.charAt(i))) {
        const longer = run + text.charAt(i)
        if (run !== '' && known.has(run) && !known.has(longer)) break
        run = longer
        i++
      }
      found.push({ kind: 'symbol', text: run })
    } else {
      let word = ''
      while (i < text.length && !symbols.includes(text.charAt(i)) && !' \t\r\n'.includes(text.charAt(i))) {
        word += text.charAt(i++)
      }
      found.push({ kind: 'identifier', text: word })
    }
  }
  found.push({ kind: 'end', text: '' })
  return found
}

/**
 * Reads `app=web,tier in (a,b),!canary`; requirements come sorted by key.
 * @throws SyntaxProblem with the parser's own sentence
 */
export function parseLabelSelector(text: string): LabelRequirement[] {
  if (text === '') return []
  return new Parser(tokens(text)).parse().sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

class Parser {
  readonly #tokens: readonly Token[]
  #position = 0

  constructor(list: readonly Token[]) {
    this.#tokens = list
  }

  #look(): Token {
    return this.#tokens[this.#position] ?? { kind: 'end', text: '' }
  }

  #next(): Token {
    const token = this.#look()
    this.#position++
    return token
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = []
    for (;;) {
      const token = this.#look()
      if (token.kind === 'end') return requirements
      if (token.kind !== 'identifier' && token.text !== '!') {
        throw new SyntaxProblem(`found '${token.text}', expected: !, identifier, or 'end of string'`)
      }
      requirements.push(this.#requirement())
      const after = this.#next()
      if (after.kind === 'end') return requirements
      if (after.text !== ',') {
        throw new SyntaxProblem(`found '${after.text}', expected: ',' or 'end of string'`)
      }
      const following = this.#look()
      if (following.kind !== 'identifier' && following.text !== '!') {
        throw new SyntaxProblem(`found '${following.text}', expected: identifier after ','`)
      }
    }
  }

  #requirement(): LabelRequirement {
    const wrap = (sentence: string) => new SyntaxProblem(`unable to parse requirement: ${sentence}`)
    let token = this.#next()
    const negated = token.text === '!' && token.kind === 'symbol'
    if (negated) token = this.#next()
    if (token.kind !== 'identifier') throw wrap(`found '${token.text}', expected: identifier`)
    const key = token.text
    const keyErrors = qualifiedNameRule(key)
    if (keyErrors.length > 0) throw wrap(`<nil>: Invalid value: ${goQuote(key)}: ${keyErrors.join('; ')}`)
    const next = this.#look()
    if (next.kind === 'end' || next.text === ',') {
      return { key, operator: negated ? '!' : 'exists', values: [] }
    }
    if (negated) return { key, operator: '!', values: [] }
    const operator = this.#operator(wrap)
    const values = operator === 'in' || operator === 'notin' ? this.#values(wrap) : [this.#exactValue(wrap)]
    const problem = requirementProblem(key, operator, values)
    if (problem) throw wrap(problem)
    return { key, operator, values: [...new Set(values)].sort() }
  }

  #operator(wrap: (sentence: string) => SyntaxProblem): LabelRequirement['operator'] {
    const token = this.#next()
    switch (token.text) {
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
        return token.text
      case '>':
        return 'gt'
      case '<':
        return 'lt'
      default:
        throw wrap(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`)
    }
  }

  #exactValue(wrap: (sentence: string) => SyntaxProblem): string {
    const token = this.#look()
    if (token.kind === 'end' || token.text === ',') return ''
    this.#position++
    if (token.kind !== 'identifier') throw wrap(`found '${token.text}', expected: identifier`)
    return token.text
  }

  #values(wrap: (sentence: string) => SyntaxProblem): string[] {
    const open = this.#next()
    if (open.text !== '(') throw wrap(`found '${open.text}' expected: '('`)
    const first = this.#look()
    if (first.text === ')') {
      this.#position++
      return ['']
    }
    if (first.kind !== 'identifier' && first.text !== ',') {
      throw wrap(`found '${first.text}', expected: ',', ')' or identifier`)
    }
    const values: string[] = []
    for (;;) {
      const token = this.#next()
      if (token.kind === 'identifier') {
        values.push(token.text)
        const following = this.#look()
        if (following.text === ',') continue
        if (following.text === ')' && following.kind === 'symbol') break
        throw wrap(`found '${following.text}', expected: ',' or ')'`)
      }
      if (token.text !== ',') throw wrap(`found '${token.text}', expected: ',', or identifier`)
      if (values.length === 0) values.push('')
      const following = this.#look()
      if (following.text === ')') {
        values.push('')
        break
      }
      if (following.text === ',') values.push('')
    }
    this.#position++
    return values
  }
}

/** What is wrong with one requirement, as NewRequirement says it. */
function requirementProblem(
  key: string,
  operator: LabelRequirement['operator'],
  values: readonly string[],
): string | undefined {
  const problems: string[] = []
  if (operator === 'gt' || operator === 'lt') {
    values.forEach((value, i) => {
      if (!/^[+-]?\d+$/.test(value)) {
        problems.push(
          `values[${i}]: Invalid value: ${goQuote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
        )
      }
    })
  }
  values.forEach((value, i) => {
    const errors = labelValueRule(value)
    if (errors.length > 0) {
      problems.push(`values[${i}][${key}]: Invalid value: ${goQuote(value)}: ${errors.join('; ')}`)
    }
  })
  if (problems.length === 0) return undefined
  return problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`
}

/** The text of requirements, as it stands in `kubectl get deploy -o wide` and in a Scale's status. */
export function labelSelectorText(requirements: readonly LabelRequirement[]): string {
  return requirements
    .map(({ key, operator, values }) => {
      switch (operator) {
        case 'exists':
          return key
        case '!':
          return `!${key}`
        case 'in':
        case 'notin':
          return `${key} ${operator} (${[...values].sort().join(',')})`
        case 'gt':
          return `${key}>${values[0] ?? ''}`
        case 'lt':
          return `${key}<${values[0] ?? ''}`
        default:
          return `${key}${operator}${values[0] ?? ''}`
      }
    })
    .join(',')
}

/** Whether labels satisfy every requirement. */
export function matchesLabels(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  for (const requirement of requirements) if (!matchesOne(requirement, labels)) return false
  return true
}

function matchesOne({ key, operator, values }: LabelRequirement, labels: Readonly<Record<string, string>> | undefined) {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value)
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    default: {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false
      const bound = BigInt(values[0] ?? '0')
      return operator === 'gt' ? BigInt(value) > bound : BigInt(value) < bound
    }
  }
}

/**
 * The requirements of a LabelSelector object, sorted by key; undefined (a null selector) matches nothing and gives
 * undefined, an empty one matches everything and gives none.
 * @throws SyntaxProblem for an operator that does not exist
 */
export function labelSelectorRequirements(
  selector: LabelSelectorObject | null | undefined,
): LabelRequirement[] | undefined {
  if (selector === undefined || selector === null) return undefined
  const requirements: LabelRequirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: '=',
    values: [value],
  }))
  for (const { key = '', operator = '', values } of selector.matchExpressions ?? []) {
    const op = ({ In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const)[operator]
    if (!op) throw new SyntaxProblem(`${goQuote(operator)} is not a valid label selector operator`)
    requirements.push({ key, operator: op, values: values ?? [] })
  }
  return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

/** A LabelSelector object as printed columns show it: `app=web,tier in (a,b)`, `<none>` where it is empty or absent. */
export function formatLabelSelector(selector: LabelSelectorObject | null | undefined): string {
  try {
    const requirements = labelSelectorRequirements(selector)
    if (requirements === undefined || requirements.length === 0) return '<none>'
    return labelSelectorText(requirements)
  } catch (error) {
    if (error instanceof SyntaxProblem) return '<error>'
    throw error
  }
}
