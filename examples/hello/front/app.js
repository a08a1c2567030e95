// The browser calls /api/ on the same origin; nginx passes the request on to the API.
const hello = document.getElementById('hello')
const who = document.getElementById('who')

async function ask() {
  try {
    const greeting = await fetch('/api/')
    if (!greeting.ok) throw new Error(`HTTP ${greeting.status}`)
    hello.textContent = await greeting.text()
    const answer = await (await fetch('/api/whoami')).json()
    who.textContent = `${answer.hostname} (${answer.version})`
  } catch (error) {
    hello.textContent = 'L’API ne répond pas · The API does not answer'
    who.textContent = error.message
  }
}

document.getElementById('again').addEventListener('click', ask)
ask()
