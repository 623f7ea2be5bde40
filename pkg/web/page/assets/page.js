// Makes the page quicker and kinder; without it, the forms do the same by themselves.
// Every text is in the page's HTML. Nothing is kept anywhere but in the fields.
'use strict'
{
  const find = (selector, inside = document) => inside.querySelector(selector)
  const all = (selector, inside = document) => inside.querySelectorAll(selector)
  const say = (text) => { find('#status').textContent = text }

  // The invitation's link ends in #u={user name}&c={temporary password}, put together by a
  // template that escapes nothing. So the user name may hold a stray % or even "&c=", and the
  // password is what follows the last one, as it stands.
  const decode = (text) => text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try { return decodeURIComponent(escapes) } catch { return escapes }
  })
  const readLink = () => {
    const link = location.hash
    if (!link.startsWith('#u=')) return
    history.replaceState(null, '', location.pathname + location.search)
    const cut = link.lastIndexOf('&c=')
    const name = decode(link.slice(3, cut < 0 ? link.length : cut))
    for (const field of all('input[name=usuario]')) field.value = name
    const temporary = find('#senha-provisoria')
    if (temporary && cut >= 0) temporary.value = link.slice(cut + 3)
  }

  // Show and hide.
  const reveal = (button, shown) => {
    const d = button.dataset
    d.show ??= button.textContent
    d.showLabel ??= button.getAttribute('aria-label')
    find('#' + button.getAttribute('aria-controls')).type = shown ? 'text' : 'password'
    button.textContent = shown ? d.hide : d.show
    button.setAttribute('aria-label', shown ? d.hideLabel : d.showLabel)
  }
  const hideAll = () => { for (const button of all('.reveal')) reveal(button, false) }

  // The rules that can be told from the password alone, by their codes. The others are the server's.
  const checks = {
    too_short: (password, limit) => [...password].length >= limit,
    too_long: (password, limit) => password.length <= limit,
    edge_space: (password) => !/^\p{White_Space}|\p{White_Space}$/u.test(password),
    no_lowercase: (password) => /[a-z]/.test(password),
    no_uppercase: (password) => /[A-Z]/.test(password),
    no_number: (password) => /[0-9]/.test(password),
    no_symbol: (password) => /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]|\P{White_Space}\p{White_Space}* \p{White_Space}*\P{White_Space}/u.test(password),
  }
  let pause
  // Until something is typed, what the server said stands.
  const checkRules = (typing) => {
    const list = find('#rules ul')
    if (!list) return
    const password = find('#nova-senha').value
    for (const rule of list.children) {
      if (!typing && rule.classList.contains('broken')) continue
      const { code, live } = rule.dataset
      const met = password && live !== undefined ? checks[code]?.(password, live) : undefined
      rule.className = met ? 'met' : ''
      find('.unseen', rule).textContent = met ? list.dataset.met : met === false ? list.dataset.unmet : ''
    }
    clearTimeout(pause)
    if (!typing || !password) return
    pause = setTimeout(() => {
      say(Array.from(list.children, (rule) => !rule.hidden && find('.unseen', rule).textContent && rule.textContent).filter(Boolean).join('. '))
    }, 1000)
  }

  // Waiting for the next try.
  let clock
  const countDown = () => {
    clearInterval(clock)
    const wait = find('.wait')
    if (!wait) return
    const [before, after] = wait.children
    const button = find('[type=submit]', wait.closest('form'))
    const [hours, minutes, seconds] = find('[role=timer]', wait).children
    const end = Date.now() + wait.dataset.seconds * 1000
    button.setAttribute('aria-disabled', true)
    clock = setInterval(() => {
      const left = Math.ceil((end - Date.now()) / 1000)
      if (left > 0) {
        hours.firstElementChild.textContent = Math.floor(left / 3600)
        minutes.firstElementChild.textContent = Math.floor(left / 60) % 60
        seconds.textContent = left % 60
        hours.hidden = left < 3600
        minutes.hidden = left < 60
        return
      }
      clearInterval(clock)
      before.hidden = true
      after.hidden = false
      button.removeAttribute('aria-disabled')
      say(after.textContent)
    }, 250)
  }

  // Sending. The answer is the page in its new state, whatever its status; its <main> takes our place.
  let sending = null
  const busy = (form, on) => {
    sending = on ? form : null
    const button = find('[type=submit]', form)
    button.dataset.idle ??= button.textContent
    button.textContent = on ? button.dataset.busy : button.dataset.idle
    button.classList.toggle('busy', on)
    if (on) button.setAttribute('aria-disabled', true)
    else button.removeAttribute('aria-disabled')
    say(on ? button.dataset.busy : '')
  }
  const warn = (form, template) => {
    busy(form, false)
    const notice = find('#' + template).content.cloneNode(true)
    find('button', notice).setAttribute('form', form.id)
    find('#notice').replaceChildren(notice)
    const prefix = document.body.dataset.error
    if (!document.title.startsWith(prefix)) document.title = prefix + document.title
    find('.problem').focus()
  }
  const show = (answer) => {
    const old = find('main')
    const main = document.adoptNode(find('main', answer))
    for (const field of all('input[type=password]', old)) {
      const next = find('#' + field.id, main)
      if (next) next.value = field.value
    }
    const first = find('[autofocus]', main)
    first?.removeAttribute('autofocus') // that is for a page that comes without the script
    old.replaceWith(main)
    document.title = answer.title
    scrollTo(0, 0)
    first?.focus()
    start()
  }
  const send = (form) => {
    hideAll()
    const request = new XMLHttpRequest()
    request.open('POST', form.action)
    request.responseType = 'document'
    request.timeout = 10000
    request.onload = () => {
      const answer = request.response
      if (!answer || !find('main', answer)) return warn(form, 'broken')
      busy(form, false)
      show(answer)
    }
    request.ontimeout = () => warn(form, 'slow')
    request.onerror = () => warn(form, 'offline')
    request.send(new URLSearchParams(new FormData(form)))
    busy(form, true)
  }

  const start = () => {
    checkRules(false)
    countDown()
  }

  addEventListener('submit', (event) => {
    event.preventDefault()
    const form = event.target
    if (!sending && !find('[type=submit][aria-disabled]', form)) send(form)
  })
  addEventListener('click', (event) => {
    const button = event.target.closest('.reveal')
    if (!button) return
    const shown = find('#' + button.getAttribute('aria-controls')).type === 'password'
    reveal(button, shown)
    say(shown ? button.dataset.shown : button.dataset.hidden)
  })
  addEventListener('input', (event) => { if (event.target.id === 'nova-senha') checkRules(true) })
  addEventListener('toggle', () => {
    const name = find('#usuario')
    const again = find('#usuario-2')
    if (again && !again.value) again.value = name.value
  }, true)
  addEventListener('hashchange', () => { if (location.hash.startsWith('#u=')) location.reload() })
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    hideAll()
    if (sending) busy(sending, false)
  })

  document.documentElement.classList.add('js')
  readLink()
  start()
}
