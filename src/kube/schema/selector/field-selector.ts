import { type FieldRequirement, SyntaxProblem } from '../contract.ts'

/**
 * Reads `status.phase=Running,metadata.name!=a\,b`.
 * @throws SyntaxProblem with the parser's own sentence
 */
export function parseFieldSelector(text: string): FieldRequirement[] {
  const requirements: FieldRequirement[] = []
  for (const term of split(text).sort()) {
    if (term === '') continue
    // the first operator counts, wherever it stands
    const parts = /^([^=!]*(?:!(?!=)[^=!]*)*)(!=|==|=)(.*)$/s.exec(term)
    if (!parts) throw new SyntaxProblem(`invalid selector: '${text}'; can't understand '${term}'`)
    const [, field = '', operator, value = ''] = parts
    requirements.push({ field, operator: operator === '!=' ? '!=' : '=', value: unescaped(value) })
  }
  return requirements
}

/** At commas that no backslash protects. */
function split(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text.charAt(i) === '\\') i++
    else if (text.charAt(i) === ',') {
      terms.push(text.slice(start, i))
      start = i + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

function unescaped(value: string): string {
  let result = ''
  for (let i = 0; i < value.length; i++) {
    const c = value.charAt(i)
    if (c === '\\') {
      const escaped = value.charAt(++i)
      if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
        throw new SyntaxProblem(`invalid field selector: invalid escape sequence: \\${escaped}`)
      }
      result += escaped
    } else if (c === ',' || c === '=') {
      throw new SyntaxProblem(`invalid field selector: unescaped character in value: ${c.charCodeAt(0)}`)
    } else result += c
  }
  return result
}

/** Whether a field set satisfies every requirement; an absent field is the empty string. */
export function matchesFields(
  requirements: readonly FieldRequirement[],
  fields: Readonly<Record<string, string>>,
): boolean {
  return requirements.every(({ field, operator, value }) => ((fields[field] ?? '') === value) === (operator === '='))
}

/** The text of a field selector, escaped again. */
export function fieldSelectorText(requirements: readonly FieldRequirement[]): string {
  return requirements
    .map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, (c) => `\\${c}`)}`)
    .join(',')
}
